import random
import statistics
from collections import Counter

import pytest

from emp_datagen.bank import MISSED_RISK, load_bank
from emp_datagen.cases import Plan, case, describe, errors_of
from emp_datagen.personas import load

ALL = load()


def draw(n=1440, **changes):
    plan = Plan(**{"kind": "pairs", "personas": ALL, "n": n, **changes})
    return plan, [case(plan, number) for number in range(n)]


def test_a_case_depends_on_its_number_alone():
    plan, cases = draw(60)
    numbers = list(range(60))
    random.Random(0).shuffle(numbers)
    assert all(case(plan, number) == cases[number] for number in numbers)


def test_personas_and_errors_take_turns():
    _, cases = draw()
    personas = Counter(c.client.persona.key for c in cases)
    errors = Counter(c.error for c in cases)
    assert set(personas.values()) == {len(cases) // len(ALL)}
    assert errors.keys() == load_bank().errors.keys()
    even = len(cases) / len(errors)
    assert all(0.8 * even < count < 1.2 * even for count in errors.values())


def test_few_rows_meet_many_errors():
    _, cases = draw(24)
    assert len({c.error for c in cases}) == 15


def test_an_error_has_the_client_that_it_needs():
    _, cases = draw()
    for c in cases:
        if c.error == MISSED_RISK:
            assert c.client.risk >= 2
        if c.error == "hotline_deflection":
            assert c.client.risk == 0


@pytest.mark.parametrize("share", [0.1, 0.25, 0.6])
def test_the_share_at_risk_is_that_asked_for(share):
    _, cases = draw(2880, risk_share=share)
    assert statistics.mean(c.client.risk >= 2 for c in cases) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({"risk_share": 0.0}, MISSED_RISK),  # nobody is at risk
        ({"risk_share": 1.0}, "hotline_deflection"),  # everybody is
    ],
)
def test_errors_that_cannot_be_made_are_left_out(changes, absent):
    plan, cases = draw(240, **changes)
    assert absent not in errors_of(plan, ALL[0])
    assert absent not in {c.error for c in cases}


def test_turns_and_cut():
    _, some = draw(200, turns=4)
    assert {len(c.client.turns) for c in some} == {1, 2, 3, 4}
    _, cut = draw(20, turns=4, cut=3)
    assert {len(c.client.turns) for c in cut} == {3}


def test_errors_can_be_chosen():
    _, cases = draw(50, errors=("collusion", "moralising"))
    assert {c.error for c in cases} == {"collusion", "moralising"}


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": 1},
        {"split": "dev"},
        {"personas": ALL[:3]},
        {"turns": 2},
        {"n": 7},
        {"header": "none"},
    ],
)
def test_what_a_run_is(changes):
    one = Plan("pairs", ALL, 5)
    other = Plan(**{"kind": "pairs", "personas": ALL, "n": 5, **changes})
    assert describe(one) == describe(Plan("pairs", ALL, 5)) != describe(other)
