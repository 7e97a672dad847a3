"""What a client discloses, by phrase tables and the risk judge together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.completion import Template
from emp_plugins.rewards import client, make
from emp_plugins.rewards.batch import Batch
from emp_plugins.rewards.client import ALONE, AT_RISK, SECONDED, joined
from emp_plugins.safety import Risk, assess

EXPLICIT = Risk(3, "explicit", (0, 4), "ideation")
CODED = Risk(3, "coded", (0, 4), "algospeak")
HOPELESS = Risk(1, "explicit", (0, 4), "hopeless")
NOTHING = Risk(0, "none", None, "none")
DENIED = Risk(0, "none", None, "negated")

PLAIN = "I failed my exam and feel so alone."
WANTS_TO_DIE = "I want to kill myself."
# The tables know no phrase of it, and the judge is sure.
READER = "does everybody think about not being here or is it only me"


@pytest.mark.parametrize(
    ("rules", "probability", "level", "rule"),
    [
        (EXPLICIT, 0.0, 3, "ideation"),  # said in plain words: stands alone
        (EXPLICIT, 1.0, 3, "ideation"),  # and the judge does not change its level
        (CODED, SECONDED, 3, "algospeak"),  # seconded, the bound included
        (CODED, 0.99, 3, "algospeak"),  # the tables say which level
        (CODED, SECONDED - 0.01, 0, "algospeak, unseconded"),  # most buses are buses
        (CODED, 0.0, 0, "algospeak, unseconded"),
        (NOTHING, ALONE, 2, "reader"),  # no phrase known, the bound included
        (NOTHING, ALONE - 0.01, 0, "none"),  # suspicion is not enough without a phrase
        (DENIED, 0.5, 0, "negated"),  # why words of disclosure did not count is kept
        (DENIED, 0.9, 2, "reader"),  # the judge reads the whole of it
        (HOPELESS, 0.5, 1, "hopeless"),  # level 1 needs nobody
        (HOPELESS, 0.9, 2, "reader"),  # more than hopelessness
    ],
)
def test_joined(rules, probability, level, rule):
    found = joined(rules, probability)
    assert (found.level, found.rule) == (level, rule)
    assert (found.kind == "none") == (level == 0)
    assert found.span is None or found is rules


@given(
    st.sampled_from([EXPLICIT, CODED, HOPELESS, NOTHING, DENIED]),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_a_surer_judge_never_lowers_the_level(rules, one, other):
    low, high = sorted([one, other])
    assert joined(rules, low).level <= joined(rules, high).level


def test_read_joins_in_order():
    found = client.read([PLAIN, WANTS_TO_DIE, PLAIN], [0.1, 0.1, 0.9])
    assert [risk.level for risk in found] == [0, 3, 2]
    assert client.read([], []) == []
    with pytest.raises(ValueError, match="zip"):
        client.read([PLAIN], [])


def batch(*clients, **columns):
    parsed = [Template().parse("") for _ in clients]
    groups = range(len(clients))
    return Batch(clients, [""] * len(clients), parsed, columns, groups, None, {})


@pytest.mark.parametrize(
    ("text", "column", "level", "rule"),
    [
        (PLAIN, 3, 3, "risk column"),  # the data knows more than the message says
        (PLAIN, 0, 0, "risk column"),
        (READER, 0, 0, "risk column"),  # labelled harmless: the judge is not asked
        (READER, 1, 1, "risk column"),
        (READER, None, 2, "reader"),  # not labelled: it is
        (WANTS_TO_DIE, 0, 3, "ideation"),  # plain words stand against a low label
        (WANTS_TO_DIE, 3, 3, "risk column"),  # a tie is the column's
        (WANTS_TO_DIE, 4, 4, "risk column"),
        (WANTS_TO_DIE, None, 3, "ideation"),
        (PLAIN, None, 0, "none"),
        ("", None, 0, "none"),  # nothing said
        ("", 2, 2, "risk column"),
        ("\ud800", None, 0, "none"),  # nothing left after cleaning
    ],
)
def test_one_client(text, column, level, rule):
    assert client.risks(batch(text, risk=[column])) == [(level, rule)]
    if column is None:
        assert client.risks(batch(text)) == [(level, rule)]


def test_the_tables_do_not_know_what_the_reader_row_rests_on():
    assert assess(READER).level < AT_RISK


def test_clients_keep_their_places():
    mixed = batch(PLAIN, READER, WANTS_TO_DIE, READER, risk=[2, None, None, 0])
    found = [(2, "risk column"), (2, "reader"), (3, "ideation"), (0, "risk column")]
    assert client.risks(mixed) == found


def test_an_empty_batch():
    assert client.risks(batch()) == []
    assert client.risks(batch(risk=[])) == []


@pytest.mark.parametrize("reply", ["", "<think>", "<answer>", "</answer><answer>no"])
def test_a_malformed_reply_does_not_change_what_the_client_said(reply):
    scores = make("safety").explain([READER, PLAIN], [reply, reply])
    assert [note["rule"] for note in scores.notes["risk"]] == ["reader", "none"]
    assert scores.parts["client_risk"] == [1.0, 0.0]
    assert None not in scores.values


def test_the_reward_reads_risk_that_the_tables_miss():
    safety = make("safety", answer="whole")
    reply = "That sounds so hard. What has this week been like?"
    assert safety.explain([READER], [reply]).notes["rule"] == ["missed_risk"]
    assert safety([READER], [reply], risk=[0]) == [1]
