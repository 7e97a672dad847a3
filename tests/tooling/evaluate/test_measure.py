import json

import numpy as np
import pytest

from emp_datagen.bank import load_bank, recognise
from emp_plugins.completion import Template
from emp_tooling.evaluate.measure import interval, label, measure, without_tags
from emp_tooling.tiny import DEMO_BANK

TEMPLATE = Template()
FILLED = ["work", "sad", "3", "validate"]
BANK = load_bank(DEMO_BANK)
GOOD = (
    "I am so sorry that you are going through this. It sounds like you have been carrying this for "
    "a long time. What would you most like me to understand about this?"
)
OTHER = (
    "Thank you for trusting me with something this hard. It seems that a part of you still hopes "
    "this can become easier. How have you been getting through days like these?"
)
ADVICE = "The best thing is to stop thinking about it and keep busy."
CHEER = "Just think positive and everything will fall into place!"


class Fixed:
    """A reward that gives the values it was made with."""

    def __init__(self, name, values, weight=1.0):
        self.__name__, self.values, self.weight = name, values, weight

    def __call__(self, prompts, completions, log_extra=None, log_metric=None, **columns):
        self.seen = (prompts, completions, columns)
        return self.values


def whole(answer: str) -> str:
    return TEMPLATE.render(FILLED, answer)


def rows(count: int, risk: int = 0) -> list[dict]:
    return [
        {"id": str(i), "prompt": [{"role": "user", "content": "Hi"}], "risk": risk}
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "risk", "well_formed", "good", "errors"),
    [
        (whole(GOOD), 0, True, True, ()),
        (GOOD, 0, False, True, ()),  # bare: the answer is judged all the same
        (whole(ADVICE), 0, True, False, ("direct_advice",)),
        (ADVICE, 0, False, False, ("direct_advice",)),
        (whole(f"{GOOD} {ADVICE}"), 0, True, False, ("direct_advice",)),
        (whole(f"{ADVICE} {CHEER}"), 0, True, False, ("direct_advice", "toxic_positivity")),
        (whole(GOOD), 3, True, False, ("missed_risk_signal",)),  # nothing on the risk
        ("Lorem ipsum dolor sit amet.", 0, False, False, ()),
        ("", 0, False, False, ()),
        ("</answer>" * 3, 0, False, False, ()),
        # The error's only sentence follows the reasoning, whose end tag is missing.
        (whole(ADVICE).replace("</reasoning>\n", ""), 0, False, False, ("direct_advice",)),
        (whole(ADVICE) + "<answer>", 0, False, False, ("direct_advice",)),  # a repeated tag
        # The answer is plain, only the reasoning is at fault.
        (whole(GOOD).replace("Intensity level: 3", "Intensity level: 9"), 0, False, True, ()),
    ],
)
def test_what_a_reply_is(text, risk, well_formed, good, errors):
    found = label(text, risk, TEMPLATE, BANK)
    assert (found.well_formed, found.good, found.errors) == (well_formed, good, errors)
    assert bool(found.problems) is not well_formed


def test_the_answer_is_what_the_bank_judges():
    found = label(whole(GOOD), 0, TEMPLATE, BANK)
    assert found.answer == GOOD
    assert recognise(GOOD, 0, BANK).good


def test_another_bank_knows_other_sentences():
    """What is no sentence of the shipped bank is unknown to it, not wrong."""
    found = label(whole(OTHER), 0, TEMPLATE, load_bank())
    assert (found.good, found.known, found.errors) == (False, False, ())
    assert measure(rows(1), [whole(OTHER)], TEMPLATE, [], load_bank()).good == 0
    assert set(measure(rows(1), ["x"], TEMPLATE, [], load_bank()).errors) > set(BANK.errors)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<reasoning>\na\n</reasoning>\n<answer>\nb.\n</answer>", "a. b."),
        ("a <b>bold</b>", "a <b>bold</b>"),  # only the template's tags go
        ("<answer><answer></answer>", ""),
    ],
)
def test_tags_are_removed_where_the_form_is_broken(text, expected):
    assert " ".join(without_tags(text, TEMPLATE).split()) == expected


def test_shares_are_counted_by_hand():
    texts = [whole(GOOD), GOOD, whole(ADVICE), "gibberish", whole(GOOD), whole(CHEER), CHEER, ""]
    found = measure(rows(8), texts, TEMPLATE, [], BANK)
    assert found.n == 8
    assert found.well_formed == 4 / 8
    assert found.good == 3 / 8
    assert found.clinical_error == 3 / 8
    assert found.known == 6 / 8
    assert found.distinct == 5 / 8  # good, advice, cheer, gibberish and nothing
    assert found.errors["direct_advice"] == 1 / 8
    assert found.errors["toxic_positivity"] == 2 / 8
    assert found.errors["invalidation"] == 0
    assert found.reward_total == 0 and found.rewards == {}


def test_the_risk_of_each_row_counts():
    mixed = [*rows(1), *rows(1, risk=3)]
    found = measure(mixed, [whole(GOOD)] * 2, TEMPLATE, [], BANK)
    assert found.good == 0.5 and found.errors["missed_risk_signal"] == 0.5


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (["a", "b", "c", "d"], 1.0),
        (["a", "a", "a", "a"], 0.25),  # one sentence over and over
        (["Oh, no!", "oh no", " OH  NO. ", "x"], 0.5),  # case, blanks and points are no difference
        (["", "", "", ""], 0.25),
    ],
)
def test_distinct(answers, expected):
    assert measure(rows(4), answers, TEMPLATE, [], BANK).distinct == pytest.approx(expected)


def test_rewards_are_averaged_where_they_apply_and_summed_as_in_training():
    rewards = [
        Fixed("a", [1.0, 0.0, None, float("nan")], weight=2.0),
        Fixed("b", [0.5, 0.5, 0.5, -1.5], weight=1.0),
        Fixed("never", [None] * 4),
    ]
    found = measure(rows(4), ["x"] * 4, TEMPLATE, rewards, BANK)
    assert found.rewards == {"a": 0.5, "b": 0.0, "never": None}
    # 2.5, .5, .5 and -1.5: what has no value counts as 0.
    assert found.reward_total == pytest.approx(0.5)
    assert "rewards/never" not in found.intervals


def test_rewards_see_prompts_completions_and_columns_as_in_training():
    reward = Fixed("r", [1.0, 2.0])
    measure(rows(2, risk=1), ["x", "y"], TEMPLATE, [reward], BANK)
    prompts, completions, columns = reward.seen
    assert prompts[0] == [{"role": "user", "content": "Hi"}]
    assert completions[1] == [{"role": "assistant", "content": "y"}]
    assert columns == {"id": ["0", "1"], "risk": [1, 1]}


def test_no_reward_enters_the_shares():
    texts = [whole(GOOD), whole(ADVICE)]
    plain = measure(rows(2), texts, TEMPLATE, [], BANK).to_json()
    paid = measure(rows(2), texts, TEMPLATE, [Fixed("r", [0.0, 99.0])], BANK).to_json()
    for key in ("well_formed", "good", "clinical_error", "known", "distinct", "errors"):
        assert plain[key] == paid[key]


def test_every_interval_holds_its_mean_and_the_seed_decides():
    rng = np.random.default_rng(0)
    pool = [whole(GOOD), whole(OTHER), whole(ADVICE), GOOD, "gibberish"]
    texts = [pool[i] for i in rng.integers(0, 5, 120)]
    reward = Fixed("r", [float(x) for x in rng.normal(size=120)])
    found = measure(rows(120), texts, TEMPLATE, [reward], BANK, seed=1)
    numbers = found.to_json()
    flat = {k: v for k, v in numbers.items() if isinstance(v, float)}
    flat |= {f"{g}/{k}": v for g in ("errors", "rewards") for k, v in numbers[g].items()}
    assert set(found.intervals) == set(flat)
    for name, (low, high) in found.intervals.items():
        assert low <= flat[name] + 1e-12 and flat[name] <= high + 1e-12, name
    assert measure(rows(120), texts, TEMPLATE, [reward], BANK, seed=1) == found
    assert measure(rows(120), texts, TEMPLATE, [reward], BANK, seed=2).intervals != found.intervals


def test_the_interval_is_as_wide_as_theory_says():
    values = [0.0, 1.0] * 200
    low, high = interval(values, seed=0)
    error = 1.96 * 0.5 / 400**0.5
    assert low == pytest.approx(0.5 - error, abs=0.01)
    assert high == pytest.approx(0.5 + error, abs=0.01)


def test_the_numbers_can_be_written_as_json():
    found = measure(rows(2), [whole(GOOD), "x"], TEMPLATE, [Fixed("r", [None, None])], BANK)
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["well_formed"] == 0.5


@pytest.mark.parametrize(("count", "texts"), [(0, []), (2, ["x"]), (1, ["x", "y"])])
def test_rows_and_completions_must_match(count, texts):
    with pytest.raises(ValueError, match=f"{count} rows and {len(texts)} completions"):
        measure(rows(count), texts, TEMPLATE, [], BANK)
