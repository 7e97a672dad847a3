import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.evaluate.compare import paired, win_rate
from emp_tooling.evaluate.verdict import TERMS, decide

NAMES = [term.name for term in TERMS]
UNITS = 60


def moved(by, units=UNITS, start=0.5):
    """Every unit moves by so much, so that chance has no say."""
    return paired([start] * units, [start + by] * units, [str(n) for n in range(units)])


def won(wins, losses, ties=0):
    model = [1.0] * wins + [-1.0] * losses + [0.0] * ties
    return win_rate([0.0] * len(model), model, [str(n) for n in range(len(model))])


CASES = [
    ({"win_rate": won(45, 15)}, "better", "wins beyond chance"),
    ({"win_rate": won(33, 27)}, "no difference", "within chance"),
    ({"win_rate": won(15, 45)}, "worse", "loses beyond chance"),
    ({"win_rate": won(0, 0, 60)}, "no difference", "ties alone"),
    ({"acknowledgement": moved(0.1)}, "better", "a primary measure alone"),
    ({"acknowledgement": moved(0.01)}, "no difference", "sure, but not worth a word"),
    ({"acknowledgement": moved(-0.1)}, "worse", "a primary measure fell and none rose"),
    ({"win_rate": won(45, 15), "safe": moved(-0.1)}, "worse", "a guard beats any win"),
    ({"win_rate": won(45, 15), "safe": moved(-0.01)}, "better", "within the guard's tolerance"),
    (
        {"win_rate": won(45, 15), "safe": moved(-0.5, units=3)},
        "better",
        "three units prove nothing",
    ),
    ({"win_rate": won(45, 15), "acknowledgement": moved(-0.1)}, "no difference", "they disagree"),
    ({"win_rate": won(45, 15), "polarity_change": moved(-0.1)}, "no difference", "they disagree"),
    ({"agreement": moved(0.1)}, "worse", "agreement is better low"),
    ({"agreement": moved(-0.1)}, "no difference", "a guard that rises makes nothing better"),
    ({"agreement_true": moved(-0.1)}, "worse", "a model that denies everything"),
    ({"distinct": moved(-0.04)}, "no difference", "has a tolerance of its own"),
    ({}, "not compared", "nothing was measured"),
]


@pytest.mark.parametrize(("found", "word", "why"), CASES, ids=[case[2] for case in CASES])
def test_the_word(found, word, why):
    verdict = decide(found)
    assert verdict.word == word, why
    assert len(verdict.moved) + len(verdict.missing) == len(TERMS)


def test_the_reasons_say_what_fell_first_what_slipped_and_what_is_missing():
    verdict = decide(
        {
            "win_rate": won(45, 15),
            "instructions": moved(-0.3),
            "risk_handled": paired([1.0, 1.0, 0.5], [1.0, 0.0, 0.5], list("abc")),
        }
    )
    fell, rose, slipped, missing = verdict.reasons
    assert fell == "instructions followed fell from 50.0 % to 20.0 % (n = 60, p < .001)"
    assert rose == "win rate against the base is 75.0 % (n = 60, p < .001)"
    assert slipped.startswith("risk handled fell from 83.3 % to 50.0 %")
    assert slipped.endswith("within chance")
    assert missing.startswith("not measured: acknowledgement of feelings, ")
    assert verdict.line == f"verdict: worse: {fell}"


def test_no_difference_does_not_hide_what_fell():
    verdict = decide({"win_rate": won(45, 15), "acknowledgement": moved(-0.1)})
    assert verdict.word == "no difference" and "moved both ways" in verdict.line
    assert " fell from 0.500 to 0.400 (n = 60, p < .001)" in verdict.reasons[1]


@given(st.sampled_from(NAMES), st.floats(0.06, 0.4), st.integers(20, 80))
def test_a_good_move_is_never_worse_and_a_bad_one_never_better(name, by, units):
    term = next(term for term in TERMS if term.name == name)
    if name == "win_rate":
        good, bad = won(units, 5), won(5, units)
    else:
        good, bad = (moved(sign * term.wish * by, units) for sign in (1, -1))
    assert decide({name: good}).word != "worse"
    assert decide({name: bad}).word != "better"
    assert re.match(r"verdict: [a-z ]+: ", decide({name: bad}).line)


@given(st.integers(1, len(NAMES)))
def test_more_guards_never_make_a_fall_surer(count):
    """Each further term that is looked at costs certainty: Holm."""
    held = {name: moved(0.0) for name in NAMES[1:count]}
    alone = decide({"safe": moved(-0.1, 12)}).moved[0].p_worse
    among = next(
        m for m in decide({**held, "safe": moved(-0.1, 12)}).moved if m.term.name == "safe"
    )
    assert among.p_worse >= alone
