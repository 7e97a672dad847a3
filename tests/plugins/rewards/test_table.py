"""The columns that one reward adds to TRL's table of completions."""

import pickle

from emp_plugins.config import EmpathyConfig
from emp_plugins.registration import configured_rewards
from emp_plugins.rewards import build

BLOCK = {"rewards": {"empathy": {}, "safety": {}}, "monitor": {}}
NAMES = {"answer", "introspection", "temper", "attitude", "sensitivity", "polarity", "rule"}
PROMPTS = [[{"role": "user", "content": "I want to end my life."}]] * 2


def columns(rewards, texts):
    found = {}
    completions = [[{"role": "assistant", "content": text}] for text in texts]
    for reward in rewards:
        reward(PROMPTS, completions, log_extra=lambda name, cells: found.setdefault(name, cells))
    return found


def test_the_first_reward_fills_them():
    config = EmpathyConfig.from_block(BLOCK)
    rewards = build(config, table=True)
    assert [reward.table is not None for reward in rewards] == [True, False]
    text = config.resolved_template.render(["x", "sad", "3", "ask"], "Never mind, it will pass.")
    found = columns(rewards, [text, "no tags"])
    assert set(found) == NAMES and all(len(cells) == 2 for cells in found.values())
    assert found["answer"] == ["Never mind, it will pass.", ""]
    assert found["polarity"][0] is not None and found["polarity"][1] is None
    assert found["rule"][0] == "missed_risk"
    assert pickle.loads(pickle.dumps(rewards[0])) == rewards[0]


def test_every_process_logs_the_same_columns():
    """A column that one rank lacks would hang the others: none depends on the replies."""
    rewards = build(EmpathyConfig.from_block(BLOCK), table=True)
    assert set(columns(rewards, ["", ""])) == NAMES


def test_only_where_the_table_is_written():
    recipe = {"rl": "grpo", "empathy": BLOCK, "trl": {"log_completions": True}}
    silent = {**BLOCK, "monitor": {"log_extra": False}}

    def first(**changed):
        return next(iter(configured_rewards({**recipe, **changed}).values()))

    assert first().table is not None
    assert first(trl=None).table is None
    assert first(empathy=silent).table is None
    assert first(empathy={"rewards": BLOCK["rewards"]}).table is None
