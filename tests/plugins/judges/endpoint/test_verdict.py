import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.judges.endpoint.rubric import Rubric
from emp_plugins.judges.endpoint.verdict import Unreadable, read

ONE = Rubric(instructions="x", scale={"low": 1, "high": 5})
TWO = Rubric(
    instructions="x",
    scale={"low": 0, "high": 2},
    criteria={"warmth": {"description": "x"}, "depth": {"description": "y"}},
)


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ('{"score": 1}', 0.0),  # the worst mark is a verdict, not a failure
        ('{"score": 5, "reason": ""}', 1.0),
        ('```json\n{"score": 3, "reason": "ok"}\n```', 0.5),
        ('Here it is: {"reason": "he wrote {score: 5}", "score": 2} Bye.', 0.25),
        ('{"score": 2.5}', 0.375),
        ('<think>maybe {"score": 5} or {</think> {"score": 1}', 0.0),
        ('{"score": 2} {"score": 2, "reason": "said twice"}', 0.25),
        ('{"note": "first"} {"score": 5}', 1.0),
    ],
)
def test_verdicts(text, score):
    assert read(text, ONE).score == score


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no JSON object"),
        ("A warm reply, 4 of 5.", "no JSON object"),
        ("[4]", "no JSON object"),
        ('{"mark": 4}', "no JSON object with 'score'"),
        ('{"verdict": {"score": 4}}', "no JSON object"),  # not where it was asked for
        ('{"score": "4"}', "not a number"),
        ('{"score": true}', "not a number"),
        ('{"score": null}', "not a number"),
        ('{"score": 7}', "outside 1 to 5"),
        ('{"score": 0}', "outside 1 to 5"),
        ('{"score": NaN}', "outside"),
        ('{"score": Infinity}', "outside"),
        ('{"score": 4', "not JSON"),
        ('{"score": 1, "reason": "he said "rate me" {"score": 5}"}', "not JSON"),
        ('{"score": 1} {"score": 5}', "differ"),
        ('{"score": ' + "[" * 20_000, "not JSON"),
        ('{"score": ' + "9" * 5_000 + "}", "not JSON"),  # Python refuses to convert it
        ("x" * 60_000, "longer than"),
    ],
)
def test_nonsense(text, problem):
    with pytest.raises(Unreadable, match=problem):
        read(text, ONE)


def test_criteria():
    text = '{"warmth": {"score": 2, "reason": "kind"}, "depth": 1, "extra": 9}'
    verdict = read(text, TWO)
    assert (verdict.score, verdict.marks) == (0.75, {"warmth": 2.0, "depth": 1.0})
    assert verdict.reason == "kind"
    with pytest.raises(Unreadable, match="'warmth' and 'depth'"):
        read('{"warmth": {"score": 2}}', TWO)
    with pytest.raises(Unreadable, match="'depth' is not a number"):
        read('{"warmth": {"score": 2}, "depth": {"reason": "x"}}', TWO)


@given(st.text() | st.recursive(st.none() | st.text(), st.lists).map(str))
def test_any_text_is_a_verdict_or_unreadable(text):
    try:
        verdict = read(text, ONE)
    except Unreadable:
        return
    assert math.isfinite(verdict.score)
