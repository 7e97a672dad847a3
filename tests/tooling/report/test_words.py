import pytest

from emp_tooling.report.words import rows, value, verdict

BEFORE = {
    "well_formed": 0.6,
    "clinical_error": 0.45,
    "good": 0.4,
    "known": 0.9,
    "distinct": 0.8,
    "errors": {"direct_advice": 0.2},
    "reward_total": 1.0,
    "rewards": {"empathy": 0.5, "semantic_similarity": 0.4, "safety": 0.2, "mine": None},
}
AFTER = {
    **BEFORE,
    "well_formed": 0.98,
    "clinical_error": 0.05,
    "errors": {"missed_risk": 0.05},
    "reward_total": 2.5,
    "rewards": {"empathy": 0.46, "semantic_similarity": 0.34, "safety": 0.9, "mine": 0.1},
}


def test_the_verdict_says_the_numbers_and_their_direction():
    text = " ".join(verdict(BEFORE, AFTER))
    assert "98% of the replies follow the template (up from 60%)" in text
    assert "5% hold a clinical error (down from 45%)" in text
    assert "80% of the answers differ from one another (as before)" in text
    assert "from 1.00 to 2.50" in text


def test_the_verdict_points_at_rewards_that_fell():
    # By more than .05: .40 to .34 does, .50 to .46 does not, and no value is no fall.
    assert verdict(BEFORE, AFTER)[-1] == "Rewards that fell: semantic similarity (0.40 to 0.34)."
    assert "fell" not in " ".join(verdict(AFTER, AFTER))


def test_rows_hold_every_error_and_reward_of_either_side():
    keys = [row.key for _, lines in rows(BEFORE, AFTER) for row in lines]
    assert len(keys) == len(set(keys))
    assert {"errors/direct_advice", "errors/missed_risk", "rewards/mine", "good"} <= set(keys)


def test_an_empty_group_is_left_out():
    clean = {**AFTER, "errors": {}}
    assert "Clinical errors" not in dict(rows(clean, clean))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("good", 0.4),
        ("errors/direct_advice", 0.2),
        ("errors/missed_risk", 0.0),  # an error that nobody made
        ("rewards/mine", None),  # a reward that never had a value
        ("rewards/absent", None),
    ],
)
def test_values_by_name(key, expected):
    assert value(BEFORE, key) == expected
