"""What counts as a conversation."""

import pytest

from emp_plugins.affect.state import State, render
from emp_plugins.errors import InputError
from emp_tooling.inference.transcript import checked, client_turns

HI = {"role": "user", "content": "Hi."}
THERE = {"role": "assistant", "content": "Hello."}
SECRET = "My sister Amrit stopped calling me."


def test_a_text_is_the_client_s():
    assert checked("Hi.") == [HI]


def test_headers_of_the_client_are_taken_off():
    state = State({"diagnosis": "MDD"})
    for style in ("full", "short"):
        headed = {"role": "user", "content": render(state, "Hi.", style)}
        assert checked([headed, THERE, headed]) == [HI, THERE, HI]
    assert client_turns([HI, THERE, HI]) == ["Hi.", "Hi."]


def test_half_a_surrogate_pair_becomes_something_that_a_tokenizer_takes():
    assert checked("Hi \ud83d.") == [{"role": "user", "content": "Hi ?."}]


WRONG = [
    ([], "the last one must be the client's"),
    ([HI, THERE], "the last one must be the client's"),
    ([HI, {"role": "usr", "content": SECRET}], "messages[1]: role: unknown role 'usr'; did you me"),
    ([{"role": "bot", "content": SECRET}], "allowed: assistant, system, user"),
    ([{"content": SECRET}], "messages[0]: role: expected a text, got nothing"),
    ([{"role": [SECRET], "content": "x"}], "messages[0]: role: expected a text, got a list"),
    ([{"role": SECRET, "content": "x"}], "messages[0]: role: unknown role 'My sister Amrit stop…'"),
    ([HI, {"role": "system", "content": SECRET}], "messages[1]: a system message can only be the"),
    ([{"role": "user", "content": " "}], "messages[0]: content: it is empty"),
    ([{"role": "user", "content": ""}], "messages[0]: content: it is empty"),
    ([{"role": "user"}], "messages[0]: content: expected a text, got nothing"),
    ([{"role": "user", "content": [SECRET]}], "content: expected a text, got a list"),
    ([SECRET], "messages[0]: expected role and content, got a text"),
    (HI, "messages: expected a text or a list, got a mapping"),
    (3, "messages: expected a text or a list, got a number"),
    ("", "messages[0]: content: it is empty"),
]


@pytest.mark.parametrize(("conversation", "line"), WRONG)
def test_what_is_none(conversation, line):
    with pytest.raises(InputError) as caught:
        checked(conversation)
    told = str(caught.value)
    assert line in told
    assert SECRET not in told and "\n" not in told
