"""From judged candidates to a pair, or to the reason why there is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.judging.clinical import Judged, NextState
from emp_datagen.judging.select import (
    Candidate,
    Dropped,
    Pair,
    Rule,
    agrees,
    length_ratio,
    select,
    verified,
)

CALM = NextState((0.0, 0.0, 0.0, 0.0), 0.0, "none")


def candidate(total, error="", veto="", text=None, words=8):
    text = text or " ".join([f"word{total}"] * words)
    return Candidate(text, Judged(total, {"empathy": total}, veto, 0.0, CALM), error)


@pytest.mark.parametrize(
    ("good", "bad", "outcome", "why"),
    [
        (candidate(0.8), candidate(0.1, "dismissal"), None, "good is better by enough"),
        (candidate(0.8, veto="despair"), candidate(0.1, "dismissal"), "vetoed", "rule forbids it"),
        (candidate(0.8), candidate(0.1, "dismissal", "despair"), None, "rejected may be forbidden"),
        (candidate(0.1), candidate(0.8, "dismissal"), "disagree", "judges prefer the error"),
        (candidate(0.5), candidate(0.5, "dismissal", text="other"), "tie", "equal totals"),
        (
            candidate(0.8, text="I hear you."),
            candidate(0.1, "dismissal", text="I hear you."),
            "tie",
            "the same text twice teaches nothing",
        ),
        (candidate(0.5), candidate(0.45, "dismissal"), "margin", "better, but by less than 0.1"),
        (candidate(0.8), candidate(0.1, "dismissal", words=13), "length", "13 words against 8"),
        (candidate(0.8), candidate(0.1, "dismissal", words=12), None, "12 words are 1.5 times 8"),
        (candidate(0.8, words=20), candidate(0.1, "dismissal"), "length", "in both directions"),
        (
            candidate(0.1, veto="despair", words=20),
            candidate(0.8, "dismissal"),
            "vetoed",
            "the gravest reason is named",
        ),
        (candidate(0.1, words=20), candidate(0.8, "dismissal"), "disagree", "before the length"),
    ],
)
def test_by_label(good, bad, outcome, why):
    for order in ([good, bad], [bad, good]):
        found = select(order, Rule())
        assert found == (Dropped(outcome) if outcome else Pair(good, bad)), why


def test_by_label_the_first_of_each_counts():
    first, second = candidate(0.6), candidate(0.9)
    bad, worse = candidate(0.2, "dismissal"), candidate(0.0, "moralising")
    assert select([first, second, bad, worse], Rule()) == Pair(first, bad)


@pytest.mark.parametrize(
    ("candidates", "best", "worst", "why"),
    [
        ([(0.2, "", ""), (0.9, "", ""), (0.5, "", "")], 1, 0, "best against worst"),
        ([(0.9, "", "despair"), (0.7, "", ""), (0.1, "", "")], 1, 2, "best of those allowed"),
        ([(0.9, "", ""), (0.1, "", "despair")], 0, 1, "the worst may be forbidden"),
        ([(0.2, "", ""), (0.9, "dismissal", "")], 1, 0, "labels do not count"),
    ],
)
def test_by_judge(candidates, best, worst, why):
    made = [candidate(total, error, veto) for total, error, veto in candidates]
    assert select(made, Rule("judge")) == Pair(made[best], made[worst]), why


@pytest.mark.parametrize(
    ("candidates", "reason", "why"),
    [
        ([(0.9, "despair"), (0.1, "cold")], "vetoed", "none is allowed"),
        ([(0.9, "despair"), (0.1, "")], "tie", "the only one allowed is the worst itself"),
        ([(0.5, ""), (0.45, "")], "margin", "too close"),
    ],
)
def test_by_judge_there_may_be_none(candidates, reason, why):
    made = [candidate(total, veto=veto) for total, veto in candidates]
    assert select(made, Rule("judge")) == Dropped(reason), why


@pytest.mark.parametrize(
    ("good", "bad", "agree"),
    [
        (candidate(0.5), candidate(0.45, "dismissal"), True),  # whatever the margin
        (candidate(0.5), candidate(0.5, "dismissal"), False),
        (candidate(0.4), candidate(0.5, "dismissal"), False),
        (candidate(0.9, veto="despair"), candidate(0.1, "dismissal"), False),
    ],
)
def test_agreement_is_about_order_and_veto_alone(good, bad, agree):
    assert agrees(Pair(good, bad)) is agree


totals = st.floats(-1, 1).map(lambda value: round(value, 3))
drawn = st.builds(
    candidate, totals, veto=st.sampled_from(["", "despair"]), words=st.integers(1, 30)
)
rules = st.builds(Rule, st.just("judge"), st.floats(0, 0.5), st.floats(1, 3))


@given(st.lists(drawn, min_size=2, max_size=8), rules)
def test_a_pair_keeps_the_rule(candidates, rule):
    found = select(candidates, rule)
    if isinstance(found, Pair):
        assert not found.chosen.judged.veto
        assert found.margin >= rule.min_margin and found.margin > 0
        assert length_ratio(found.chosen.text, found.rejected.text) <= rule.max_length_ratio
        allowed = [one.judged.total for one in candidates if not one.judged.veto]
        assert found.chosen.judged.total == max(allowed)
        assert found.rejected.judged.total == min(one.judged.total for one in candidates)


@given(drawn, drawn, rules)
def test_never_both_ways_round(one, other, rule):
    kept = [isinstance(verified(Pair(*p), rule), Pair) for p in ((one, other), (other, one))]
    assert kept != [True, True]


@given(st.text(), st.text())
def test_length_ratio_is_symmetric_and_at_least_one(one, other):
    assert length_ratio(one, other) == length_ratio(other, one) >= 1
