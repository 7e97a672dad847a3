"""The empathy: block, where its schema sees nothing wrong."""

import pytest

from emp_plugins.check import check
from emp_plugins.check.recipe import Recipe

BLOCK = """\
empathy:
  judges:
    emotion: {backend: embedded}
  matrix:
    joy: [1, 0, 0, 0]
  rewards:
    empathy: {weight: 1.0}
    safety: {weight: 2.0}
"""
HEAD = """\
base_model: org/name
learning_rate: 0.1
plugins: [emp_plugins.EmpathyPlugin]
rl: grpo
"""
LLM = "judges:\n    llm: {backend: openai, model: m, base_url: https://e.org/v1}"
MODULES = ["emp_plugins.check.keys", "emp_plugins.check.rewards"]


def faults(old, new):
    assert old in BLOCK
    text = HEAD + BLOCK.replace(old, new)
    found = check(Recipe.from_text("a.yml", text), MODULES)
    return [item for item in found if item.severity == "error"]


@pytest.mark.parametrize(
    ("old", "new", "key", "message"),
    [
        ("weight: 2.0", "locale: xx-XX", "rewards.safety.locale", "no resources; allowed: de-AT"),
        ("weight: 2.0", "weight: -2.0", "rewards.safety.weight", "below 0, and with `safety"),
        ("weight: 1.0", "weight: .nan", "rewards.empathy.weight", "weight nan is below 0"),
        ("[1, 0, 0, 0]", "[1, 0, 0, .inf]", "matrix.joy[3]", "expected a finite number, got inf"),
        ("empathy: {weight: 1.0}", "llm_judge: {}", "rewards.llm_judge",
         "needs a judge of kind llm, and none ships; name one under empathy.judges.llm"),
        ("  judges:", "  template: none.yml\n  judges:", "template", "none.yml: no such file"),
        ("  judges:", "  template: temp.yml\n  judges:", "template", "did you mean template.yml?"),
        ("  judges:", "  template: broken.yml\n  judges:", "template", "broken.yml:2:1: "),
        ("  judges:", "  template: odd.yml\n  judges:", "template", "sytem: unknown key; did you"),
        ("backend: embedded", "backend: hf, model: ./none", "judges.emotion.model",
         "./none: no such folder"),
        ("judges:", LLM.replace("https", "ftp"), "judges.llm.base_url", "expected a URL such as"),
        ("judges:", LLM.replace("https", "http"), "judges.llm.allow_http", "expose client text"),
        ("judges:", LLM.replace("m,", "m, rubric: none.yml,"), "judges.llm.rubric",
         "none.yml: no such file"),
        # what the schema sees is told once, by the check of keys
        ("safety:", "safty:", "rewards.safty", "unknown reward; did you mean safety?"),
        ("weight: 2.0", "weigth: 2.0", "rewards.safety.weigth", "key; did you mean weight?"),
        ("weight: 2.0", "weight: much", "rewards.safety.weight", "expected a number, got text"),
        ("weight: 2.0", "min_chars: -1", "rewards.safety.min_chars", "expected at least 0"),
        ("emotion:", "emotions:", "judges.emotions", "unknown judge; did you mean emotion?"),
        ("embedded", "hf", "judges.emotion.model", "missing"),
        ("embedded", "embeded", "judges.emotion.backend", "expected embedded or hf"),
        ("joy:", "joyy:", "matrix.joyy", "did you mean joy?"),
        ("[1, 0, 0, 0]", "[1, 0]", "matrix.joy", "expected at least 4 entries, got 2"),
    ],
)  # fmt: skip
def test_one_fault_one_finding(write, old, new, key, message):
    write("template.yml", "system: Be kind.\n")
    write("broken.yml", "system: 'Be kind.\n")
    write("odd.yml", "sytem: Be kind.\n")
    (found,) = faults(old, new)
    assert found.key == f"empathy.{key}"
    assert message in str(found)
    assert found.line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("weight: 2.0", "weight: 0"),
        ("weight: 1.0}\n    safety: {weight: 2.0}", "weight: -1.0}\n    safety: {gate: false}"),
        ("empathy: {weight: 1.0}", "structure:"),
        ("backend: embedded", "backend: hf, model: org/name"),
        ("backend: embedded", "backend: hf, model: ./model"),
        ("judges:", LLM),
        ("judges:", LLM.replace("m,", "m, rubric: counselling,")),
        ("  judges:", "  template: template.yml\n  judges:"),
    ],
)
def test_near_misses(write, old, new):
    write("model/config.json", "{}")
    write("template.yml", "system: Be kind.\n")
    assert faults(old, new) == []


def test_every_fault_at_once():
    text = BLOCK.replace("2.0", "2.0, locale: xx").replace("1, 0,", ".nan, 0,")
    found = check(Recipe.from_text("a.yml", text), MODULES[1:])
    assert [item.key for item in found] == [
        "empathy.matrix.joy[0]",
        "empathy.rewards.safety.locale",
    ]


@pytest.mark.parametrize("block", ["", "empathy:\n", "empathy: 3\n", "empathy: [a]\n"])
def test_no_block(findings, block):
    assert findings("rewards", f"rl: grpo\n{block}") == []
