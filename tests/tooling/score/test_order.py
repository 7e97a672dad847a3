import numpy as np
import pytest

from emp_tooling.score.order import describe, inversions
from emp_tooling.score.replies import Reply
from emp_tooling.score.scored import Scored


def of(labels, totals, groups=None):
    groups = groups or ["g"] * len(labels)
    rows = enumerate(zip(labels, groups, strict=True))
    replies = [Reply(f"r{n}", group, [], "", label) for n, (label, group) in rows]
    nothing = np.zeros((len(replies), 4))
    return Scored(replies, [], np.array(totals), [False] * len(replies), nothing, nothing)


@pytest.mark.parametrize(
    ("labels", "totals", "lost"),
    [
        (["good", "bad"], [2.0, 1.0], []),
        (["good", "bad"], [1.0, 2.0], [(0, [1])]),
        (["good", "bad"], [1.0, 1.0], [(0, [1])]),  # a tie is not above
        (["good", "bad"], [0.3, 0.1 + 0.2], [(0, [1])]),  # nor is the last digit of a sum
        (["good", "bad", "bad"], [1.0, 1.5, 2.0], [(0, [2, 1])]),  # the highest first
        (["good", "good", "bad"], [3.0, 1.0, 2.0], [(1, [2])]),  # every good one has to win
        (["good", "good"], [1.0, 2.0], []),  # nothing to lose to
        ([None, "good", "bad"], [9.0, 2.0, 1.0], []),  # without a label: not compared
    ],
)
def test_a_good_reply_has_to_score_above_every_bad_one(labels, totals, lost):
    assert [(one.good, one.bad) for one in inversions(of(labels, totals))] == lost


def test_only_replies_of_one_group_are_compared():
    scored = of(["good", "bad", "bad"], [1.0, 9.0, 0.5], ["a", "b", "a"])
    assert inversions(scored) == []


def test_an_inversion_is_described_by_ids_and_totals():
    scored = of(["good", "bad", "bad"], [1.0, 1.5, 2.0])
    (line,) = (describe(one, scored) for one in inversions(scored))
    assert line == "g: good r0 (1.000) does not score above bad r2 (2.000), r1 (1.500)"
