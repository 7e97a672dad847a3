"""What a reviewer sees: the conversation and both replies, and nothing that tells them apart."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.review import form
from emp_plugins.affect.state import State, render
from emp_plugins.completion import Template

STATE = State({"diagnosis": "MDD", "severity": "Severe"}, (-0.2,), (-0.7, 0.0, 0.1, -0.2))
CHAT = [
    {"role": "user", "content": "Hello."},
    {"role": "assistant", "content": "Hello, what brings you?"},
    {"role": "user", "content": render(STATE, "I am sad.")},
]


@pytest.mark.parametrize(
    ("prompt", "last", "why"),
    [
        (CHAT, "I am sad.", "chat messages with a header"),
        ([{"role": "system", "content": "Be warm."}, *CHAT], "I am sad.", "the system prompt"),
        (render(STATE, "I am sad."), "I am sad.", "plain text of one turn"),
        (render(STATE, "I am sad.", "short"), "I am sad.", "the short header"),
        ("I am sad.", "I am sad.", "no header"),
        (
            f"Patient: Hello.\nTherapist: Hm?\n{render(STATE, 'I am sad.')}",
            "Patient: Hello.\nTherapist: Hm?\nPatient: I am sad.",
            "plain text of two turns",
        ),
        (
            f"Patient: Hello.\nTherapist: Hm?\n{render(STATE, 'I am sad.', 'short')}",
            "Patient: Hello.\nTherapist: Hm?\nPatient: I am sad.",
            "plain text of two turns, the short header",
        ),
        ("What is\n[STATE: x?", "What is\n[STATE: x?", "words that only look like a header"),
    ],
)
def test_a_conversation_is_shown_without_header_and_system_prompt(prompt, last, why):
    shown = form.conversation(prompt)
    assert shown[-1] == {"role": "user", "content": last}, why
    assert all(message["role"] != "system" for message in shown)
    assert "USER STATE" not in json.dumps(shown)


def test_only_the_answer_of_a_reply_is_shown():
    template = Template()
    reply = template.render(["loss", "sad", "4", "give a clear solution"], " Get a new dog. ")
    assert form.shown([{"role": "assistant", "content": reply}], template) == "Get a new dog."
    assert form.shown("Get a new dog.", template) == "Get a new dog."


def test_a_row_is_shown_blind(pairs):
    for row in pairs:
        shown = form.fields(row, Template())
        texts = [row[name][0]["content"] for name in ("chosen", "rejected")]
        first = form.chosen_first(row["id"])
        assert [shown[form.A], shown[form.B]] == (texts if first else texts[::-1])
        assert row["error"] not in json.dumps(shown)
    assert {form.chosen_first(row["id"]) for row in pairs} == {True, False}


@given(st.text())
def test_the_order_is_fixed_by_the_id(row_id):
    assert form.chosen_first(row_id) == form.chosen_first(row_id)


def test_both_orders_are_about_as_frequent():
    first = sum(form.chosen_first(f"mdd-pairs-train-0-{number:06d}") for number in range(2000))
    assert 900 < first < 1100


def test_metadata_lacks_what_a_row_does_not_have(pairs):
    row = pairs[0]
    assert form.metadata(row) == {
        "id": row["id"],
        "persona": row["persona"],
        "severity": row["severity"],
        "labelled_error": row["error"],
        "risk": row["risk"],
        "margin": row["scores"]["margin"],
    }
    assert not {"margin", "labelled_error"} & {
        *form.metadata({**row, "scores": None, "error": None})
    }
