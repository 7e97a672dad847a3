"""Agreement of reviewers with the file and with each other."""

import sys

import pytest

from emp_datagen.review.agreement import kappas, line
from emp_datagen.review.answers import Outcome
from emp_datagen.review.sdk import Reviewed

pytest.importorskip("sklearn", reason="needs the fit extra")


def records(*answers):
    """One record for each string: the answer of reviewer 0, 1, ...; a dash for none."""
    return [
        Reviewed(
            str(number),
            {},
            {f"r{who}": {"better": a} for who, a in enumerate(given) if a != "-"},
        )
        for number, given in enumerate(answers)
    ]


@pytest.mark.parametrize(
    ("answers", "value", "n", "why"),
    [
        (["aa", "bb", "aa", "bb"], 1.0, 4, "they always agree"),
        (["ab", "ba", "ab", "ba"], -1.0, 4, "they never do"),
        (["aa", "ab", "ba", "bb"], 0.0, 4, "as often as by chance"),
        (["aa", "aa", "ab", "bb"], 0.5, 4, "(0.75 - 0.5) / (1 - 0.5)"),
        (["aa", "aa"], None, 2, "one answer only: chance alone gives full agreement"),
        (["aa", "bb", "a-", "-b", "--"], 1.0, 2, "records of one reviewer do not count"),
        (["aaa", "bbb", "aab", "bba"], 1 / 3, 4, "mean of 1, 0 and 0"),
        (["aa-", "bb-", "-ab", "-ba", "-ab", "-ba"], -1 / 3, 6, "weighted: (2 * 1 - 4 * 1) / 6"),
    ],
)
def test_kappa(answers, value, n, why):
    found = kappas(records(*answers))["better"]
    assert found.value == (None if value is None else pytest.approx(value)), why
    assert found.records == n, why


def test_questions_without_an_overlap_have_none():
    assert kappas(records("a-", "-b")) == {}


SCORED = {"scores": {"margin": 0.4}}


@pytest.mark.parametrize(
    ("outcome", "told"),
    [
        (
            Outcome([SCORED] * 4, swapped=1, relabelled=1, named=2),
            "reviewers and judges agree on the better reply in 3 of 4 (75.0%), on the error in "
            "1 of 2 (50.0%); Cohen's kappa between reviewers: better 1.00 (n 2)",
        ),
        (
            Outcome([{"scores": None}] * 2),
            "reviewers and labels agree on the better reply in 2 of 2 (100.0%); "
            "Cohen's kappa between reviewers: better 1.00 (n 2)",
        ),
    ],
)
def test_the_line(outcome, told):
    assert line(outcome, records("aa", "bb")) == told


def test_the_line_without_a_second_reviewer():
    assert line(Outcome([SCORED]), records("a", "b")).endswith("so there is no kappa")


def test_the_line_where_kappa_is_not_defined():
    assert line(Outcome([SCORED]), records("aa")).endswith("better not defined (n 1)")


def test_the_line_without_scikit_learn(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    told = line(Outcome([SCORED]), records("aa", "bb"))
    assert "agree on the better reply in 1 of 1" in told
    assert told.endswith("it needs scikit-learn: pip install 'empathy-recipes[fit]'")
