"""The measures of replies, with and without the template's tags."""

import pytest

from emp_plugins.config import EmpathyConfig
from emp_plugins.measure import AFFECT, distinct, figure, measure

ROWS = [
    {"prompt": [{"role": "user", "content": "I failed my exam."}], "risk": 0},
    {"prompt": [{"role": "user", "content": "I want to end my life."}], "risk": 3},
]
WARM = "I am so sorry, that must hurt so much. What happened then?"
COLD = "Never mind, everyone fails an exam now and then."
BLOCK = {"rewards": {"empathy": {"weight": 2.0}, "safety": {"gate": True}}}


@pytest.fixture(scope="module")
def config():
    return EmpathyConfig.from_block(BLOCK)


@pytest.fixture(scope="module")
def tagged(config):
    texts = [config.resolved_template.render(["exam", "sad", "3", "ask"], t) for t in (WARM, COLD)]
    return measure(ROWS, texts, config)


def test_tagged_replies(tagged):
    assert tagged.answers == [WARM, COLD]
    assert tagged.columns["well_formed"] == [1.0, 1.0]
    assert tagged.columns["acknowledgement"][0] > tagged.columns["acknowledgement"][1]
    assert tagged.columns["risk_handled"] == [None, 0.0]  # only clients at risk count
    assert tagged.rules == ["", "missed_risk"]
    assert all(None not in tagged.columns[axis] for axis in AFFECT)


def test_total_is_the_weighted_sum(tagged):
    columns = tagged.columns
    pairs = zip(columns["reward/empathy"], columns["reward/safety"], strict=True)
    assert columns["reward_total"] == pytest.approx([2 * one + other for one, other in pairs])


def test_bare_replies_where_tags_are_asked_for(config):
    found = measure(ROWS, [WARM, ""], config)
    assert found.answers == ["", ""]
    assert found.columns["well_formed"] == [0.0, 0.0]
    assert found.columns["polarity"] == [None, None]
    assert found.failures()["missing <answer>"] == 0.5 and found.failures()["empty"] == 0.5


def test_bare_replies_where_the_whole_text_counts():
    """As in DPO on bare replies: there is no form to fail."""
    found = measure(ROWS, [WARM, ""], EmpathyConfig.from_block({**BLOCK, "answer": "whole"}))
    assert found.answers == [WARM, ""]
    assert found.columns["well_formed"] == [None, None] and found.failures() == {}
    assert found.columns["polarity"][0] is not None and found.columns["polarity"][1] is None
    assert "well_formed" not in found.summary()


def test_rewards_of_the_callers(config):
    def two(prompts, completions, risk):
        return [float(level) for level in risk[:1]] + [float("nan")]

    found = measure(ROWS, [WARM, COLD], config, rewards={"two": (two, 0.5)})
    assert found.columns["reward/two"] == [0.0, None]
    assert found.columns["reward_total"] == [0.0, 0.0]  # what has no value counts 0
    assert "reward/two" not in measure(ROWS, [WARM, COLD], config, rewards={}).columns


def test_means_are_those_of_the_summary(tagged):
    for rows in ([0], [1], [0, 1]):
        figures = tagged.summary(rows)
        assert tagged.means(rows) == pytest.approx({n: f.mean for n, f in figures.items()})


def test_interval_holds_the_mean():
    found = figure([0.0, 1.0, 1.0, 0.0, 1.0])
    assert found.low <= found.mean <= found.high and found.n == 5


def test_distinct_counts_what_says_the_same():
    assert distinct(["I hear you.", "i  hear you", "Tell me."]) == [0.5, 0.5, 1.0]


@pytest.mark.parametrize(("rows", "texts"), [([], []), (ROWS, ["one"])])
def test_rows_and_replies_must_match(config, rows, texts):
    with pytest.raises(ValueError, match=f"{len(rows)} rows and {len(texts)} completions"):
        measure(rows, texts, config)
