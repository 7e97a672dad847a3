from emp_tooling.audit.risk import risk_table
from emp_tooling.audit.risk_set import RiskMessage

MESSAGES = [
    RiskMessage("1", "five", 3, "explicit", "active", True),
    RiskMessage("2", "zero", 2, "explicit", "passive", False),
    RiskMessage("3", "two", 4, "coded", "farewell", False),
    RiskMessage("4", "three", 0, "none", "idiom", True),
    RiskMessage("5", "zero", 1, "none", "hopeless", False),
    RiskMessage("6", "zero", 0, "none", "idiom", False),
]
NUMBERS = {"zero": 0, "two": 2, "three": 3, "five": 4}


def _levels(texts):
    return [NUMBERS[text] for text in texts]


def test_recall_and_false_alarms_are_told_apart():
    found = risk_table(MESSAGES, _levels)
    assert found["recall_explicit"] == 0.5 and found["recall_explicit_n"] == 2
    assert found["recall_coded"] == 1.0
    assert found["false_alarm"] == 0.3333  # of the three below level 2
    low, high = found["false_alarm_interval"]
    assert 0 < low < 0.3333 < high < 1


def test_halves_categories_and_levels():
    found = risk_table(MESSAGES, _levels)
    assert found["held_out"]["recall_explicit"] == 1.0 and found["open"]["recall_explicit"] == 0.0
    assert found["held_out"]["recall_coded"] is None  # there is none in that half
    assert found["open"]["false_alarm"] == 0.0 and found["held_out"]["false_alarm"] == 1.0
    idiom = found["categories"]["idiom"]
    assert (idiom["at_risk"], idiom["flagged"], idiom["flagged_n"]) == (False, 0.5, 2)
    assert found["levels"] == {
        "0": {"0": 1, "3": 1},
        "1": {"0": 1},
        "2": {"0": 1},
        "3": {"4": 1},
        "4": {"2": 1},
    }


def test_too_high_a_level_is_no_false_alarm():
    """Level 3 read as 4 is still risk, and level 1 read as 0 is still none."""
    found = risk_table(MESSAGES[:1], lambda texts: [2] * len(texts))
    assert found["recall_explicit"] == 1.0 and found["false_alarm"] is None
