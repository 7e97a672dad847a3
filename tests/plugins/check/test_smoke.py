"""Each reward is called once before a GPU is rented."""

import sys

import pytest

SAID = "Orpheus-never-slept-again"  # as in conftest.py
FUNCTIONS = """\
import math
def good(prompts, completions, completion_ids, log_metric, **columns):
    log_metric("mine/length", 3.0)
    assert completions[0][0]["role"] == "assistant"
    return [len(item[0]["content"]) / 100 for item in completions]
def none(prompts, completions, **columns):
    return [None, 1]
async def later(prompts, completions, **columns):
    return [0.0, 1.0]
def short(prompts, completions, **columns):
    return [0.0]
def single(prompts, completions, **columns):
    return 0.5
def words(prompts, completions, **columns):
    return ["a", 1]
def infinite(prompts, completions, **columns):
    return [math.inf, 1]
def missing(prompts, completions, **columns):
    return [columns["scor"], 1]
def leaking(prompts, completions, diary, **columns):
    raise ValueError(f"cannot read {diary[0][:14]}")
def nested(prompts, completions, state, **columns):
    raise ValueError(state[1]["user"])
def reading(prompts, completions, score, **columns):
    print("called")
    return [score[0] / 2, score[1] / 2]
"""


@pytest.fixture(autouse=True)
def functions(write):
    write("my_rewards.py", FUNCTIONS)
    row = {"prompt": SAID, "diary": f"{SAID}, she said", "score": 1, "state": {"user": SAID}}
    write("rows.jsonl", [row, {**row, "score": 3}])
    yield
    sys.modules.pop("my_rewards", None)


def text(name):
    data = "datasets:\n  - path: rows.jsonl\n    type: emp_plugins.prompts\n"
    return f"rl: grpo\n{data}trl:\n  reward_funcs: [my_rewards.{name}]\n"


@pytest.mark.parametrize("name", ["good", "none", "later", "reading"])
def test_functions_that_work(findings, name, capsys):
    assert findings("smoke", text(name)) == []
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("short", "gave 1 values for 2 completions"),
        ("single", "gave float for 2 completions"),
        ("words", "gave str where a number or None belongs"),
        ("infinite", "gave inf, which is not finite"),
        ("missing", "my_rewards.py:19: 'scor'"),
        ("leaking", "my_rewards.py:21"),  # and no message, for it quotes the data
        ("nested", "my_rewards.py:23"),
    ],
)
def test_functions_that_do_not(one, name, message):
    found = one("smoke", text(name))
    assert (found.key, found.severity) == ("trl.reward_funcs[0]", "error")
    assert message in found.message
    assert "Orpheus" not in found.message


def test_without_data_there_are_no_columns(one):
    found = one("smoke", "rl: grpo\ntrl:\n  reward_funcs: [my_rewards.reading]\n")
    assert "raised TypeError" in found.message


OURS = "rl: grpo\nempathy:\n  rewards: {structure: {}, brevity: {}, safety: {}}\n"


def test_our_rewards_work(findings):
    assert findings("smoke", OURS) == []


def test_a_template_without_fields(write, findings):
    write("template.yml", "fields: []\nanswer_tag: null\nreasoning_tag: think\n")
    assert findings("smoke", OURS + "  template: template.yml\n") == []


def test_a_reward_that_fails(write, one):
    """A folder that is there and holds no model."""
    write("model/readme.md", "no model")
    text = "rl: grpo\nempathy:\n  rewards: {clinical_relevance: {}}\n"
    found = one("smoke", text + "  judges: {clinical: {backend: hf, model: ./model}}\n")
    assert (found.key, found.severity) == ("empathy.rewards.clinical_relevance", "error")
    assert "no config.json in it" in found.message


@pytest.mark.parametrize(
    ("rewards", "judges", "note"),
    [
        ("semantic_similarity: {}", "similarity: {backend: cross_encoder, model: org/name}",
         "not called: its judge is cross_encoder: org/name"),
        ("llm_judge: {}", "llm: {backend: openai, model: m, base_url: 'https://e.org/v1'}",
         "not called: its judge is openai: m"),
    ],
)  # fmt: skip
def test_rewards_that_are_not_called(one, rewards, judges, note):
    text = f"rl: grpo\nempathy:\n  rewards: {{{rewards}}}\n  judges: {{{judges}}}\n"
    found = one("smoke", text)
    assert (found.severity, found.message) == ("note", note)


@pytest.mark.parametrize(
    "text",
    [
        "rl: grpo\nempathy:\n  rewards: {safty: {}}\n",  # the check of keys says so
        "rl: grpo\nempathy:\n  rewards: {llm_judge: {}}\n",  # the check of rewards says so
        "rl: dpo\nempathy:\n  rewards: {safety: {}}\n",  # no rewards are used
        "rl: grpo\ntrl:\n  reward_funcs: [no_such.fn]\n",  # the check of imports says so
    ],
)
def test_told_elsewhere(findings, text):
    assert findings("smoke", text) == []
