import json
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.affect import state
from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.state import Header, State
from emp_plugins.errors import InputError

NUMBER = st.floats(-4, 4)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
STATES = st.builds(
    State,
    st.fixed_dictionaries({}, optional={"diagnosis": WORDS, "severity": WORDS, "age": WORDS}),
    st.lists(NUMBER, max_size=6).map(tuple),
    st.tuples(NUMBER, NUMBER, NUMBER, NUMBER),
)

MDD = State({"diagnosis": "MDD", "severity": "High"}, (0.1, -0.2, -0.5), (-0.8, 0.2, -0.004, -0.3))

FULL = """\
[USER STATE]
Diagnosis: MDD
Severity: High
Current Affect (e_t): Introspection: -0.80, Temper: 0.20, Attitude: 0.00, Sensitivity: -0.30
Recent Trend (h_t): Declining
---
Patient: I can't: not
today."""


def test_full_header():
    assert state.render(MDD, "I can't: not\ntoday.") == FULL


def test_full_header_is_parsed():
    header, message = state.parse(FULL)
    assert header == Header("MDD", "High", (-0.8, 0.2, 0.0, -0.3), "Declining", None, "full")
    assert message == "I can't: not\ntoday."


@pytest.mark.parametrize(
    ("user", "affect", "text"),
    [
        ({"diagnosis": "MDD"}, (-0.1, -0.6, 0, 0), "[STATE: MDD, Low-Temper] Patient: x"),
        ({"diagnosis": "MDD"}, (0.3, 0.2, 0, 0), "[STATE: MDD, Balanced] Patient: x"),
        ({"diagnosis": "MDD"}, (0, 0, 0, -0.1), "[STATE: MDD, Low-Sensitivity] Patient: x"),  # at
        ({"diagnosis": "MDD"}, (0, 0, 0, -0.09), "[STATE: MDD, Balanced] Patient: x"),  # above
        ({}, (-1, 0, 0, 0), "[STATE: Low-Introspection] Patient: x"),  # no diagnosis known
        ({"diagnosis": "a]\n[b"}, (0, 0, 0, 0), "[STATE: a) (b, Balanced] Patient: x"),
    ],
)
def test_short_header(user, affect, text):
    assert state.render(State(user, (), affect), "x", style="short") == text


def test_missing_attributes_leave_no_line():
    text = state.render(State({"severity": " "}), "x")
    assert "Diagnosis" not in text and "Severity" not in text
    assert state.parse(text)[0].severity is None


@settings(max_examples=50, deadline=None)
@given(STATES, st.text())
def test_full_round_trip(client, message):
    text = state.render(client, message)
    header, back = state.parse(text)
    assert back == message
    assert header.affect == pytest.approx(client.affect, abs=0.005001)
    assert header.trend == client.trend
    assert (header.diagnosis or "") == clean(client.user.get("diagnosis", ""))
    assert (header.severity or "") == clean(client.user.get("severity", ""))
    assert text.endswith(message)


@settings(max_examples=50, deadline=None)
@given(STATES, st.text())
def test_short_round_trip(client, message):
    header, back = state.parse(state.render(client, message, style="short"))
    assert back == message
    assert (header.diagnosis or "") == clean(client.user.get("diagnosis", ""))
    low = min(client.affect)
    assert (header.low_axis is not None) == (low <= state.LOW_AXIS)
    if header.low_axis:
        assert client.affect[AXES.index(header.low_axis)] == low


def clean(value):
    return " ".join(value.replace("[", "(").replace("]", ")").split())


@settings(max_examples=50, deadline=None)
@given(st.floats(-0.0049, 0.0049))
def test_no_negative_zero(value):
    assert "Introspection: 0.00," in state.render(State(affect=(value, 0, 0, 0)), "x")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Patient: I hate everything.",
        "[USER STATE]\nPatient: no affect line",
        "[STATE: MDD] Patient: no axis",
        "[STATE: MDD, Low-Mood] Patient: no such axis",
        " " + FULL,  # a header begins the text
        FULL.replace("Declining", "Sinking"),
    ],
)
def test_text_without_a_header_is_the_message(text):
    assert state.parse(text) == (None, text)


@pytest.mark.parametrize(
    ("history", "mean", "trend"),
    [
        ((), 0.0, "Stable"),
        ((-0.9,), -0.9, "Stable"),  # one turn is no trend
        ((-0.9, 0.1), -0.4, "Improving"),
        ((0.0, 0.05), 0.025, "Stable"),  # at the tolerance
        ((0.0, 0.06), 0.03, "Improving"),  # above it
        ((0.9, 0.0, 0.5, 0.1), 0.2, "Improving"),  # only the last three count
        ((0.0, -1.0, 0.0), -1 / 3, "Stable"),
        ((0.1, 0.0, -0.1), 0.0, "Declining"),
    ],
)
def test_history(history, mean, trend):
    client = State(history=history)
    assert client.mean_polarity == pytest.approx(mean)
    assert client.trend == trend


def test_after_leaves_the_old_state_alone():
    later = MDD.after(0.3, [0.1, 0.2, 0.3, 0.4])
    assert later.history == (0.1, -0.2, -0.5, 0.3)
    assert later.affect == (0.1, 0.2, 0.3, 0.4)
    assert later.user == MDD.user
    assert len(MDD.history) == 3


@settings(max_examples=50, deadline=None)
@given(STATES)
def test_row_round_trip(client):
    assert State.from_row(json.loads(json.dumps(client.to_row()))) == client


def test_states_pickle_hash_and_stay_frozen():
    assert pickle.loads(pickle.dumps(MDD)) == MDD
    assert hash(State({"a": "1"})) == hash(State({"a": "1"}))
    with pytest.raises(TypeError):
        MDD.user["diagnosis"] = "GAD"


def test_unknown_attributes_of_a_row_are_dropped_when_none():
    row = {"user": {"diagnosis": "GAD", "severity": None}, "history": [], "affect": [0, 0, 0, 0]}
    assert dict(State.from_row(row).user) == {"diagnosis": "GAD"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"affect": [0, 0, 0]}, "affect: expected 4 numbers"),
        ({"affect": [0, 0, 0, float("nan")]}, "affect: expected finite"),
        ({"history": ["bad"]}, "history: expected a list of numbers"),
        ({"history": None}, "history: expected a list"),
        ({"user": "MDD"}, "user: expected a mapping"),
        ({"user": {"age": 5}}, "age: expected text, got int"),
        ({"afect": []}, "did you mean 'affect'"),
    ],
)
def test_bad_rows(change, message):
    row = {"user": {}, "history": [], "affect": [0, 0, 0, 0]} | change
    with pytest.raises(InputError, match=message):
        State.from_row(row)


def test_missing_key_and_other_types():
    with pytest.raises(InputError, match="history is missing"):
        State.from_row({"user": {}, "affect": [0, 0, 0, 0]})
    with pytest.raises(InputError, match="expected a mapping, got list"):
        State.from_row([])


def test_unknown_style():
    with pytest.raises(InputError, match="did you mean 'short'"):
        state.render(MDD, "x", style="shrt")
