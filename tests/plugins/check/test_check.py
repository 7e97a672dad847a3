"""Every check answers, whatever a recipe holds."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.check import CHECKS, SMOKE, check
from emp_plugins.check.recipe import Recipe

KEYS = [
    *("base_model", "rl", "plugins", "deepspeed", "chat_template_jinja", "sequence_len", "adapter"),
    *("datasets", "datasets.0", "datasets.0.path", "datasets.0.type", "datasets.0.data_files"),
    *("datasets.0.ds_type", "datasets.0.field_messages", "datasets.0.type.field_prompt"),
    *("test_datasets", "tokenizer_config", "resume_from_checkpoint"),
    *("trl", "trl.reward_funcs", "trl.reward_funcs.0", "trl.max_completion_length"),
    *("empathy", "empathy.template", "empathy.matrix", "empathy.matrix.joy", "empathy.answer"),
    *("empathy.judges", "empathy.judges.llm", "empathy.judges.llm.rubric", "empathy.rewards"),
    *("empathy.judges.emotion.backend", "empathy.judges.emotion.model"),
    *("empathy.rewards.safety", "empathy.rewards.safety.weight", "empathy.rewards.safety.locale"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    st.sampled_from([".", "..", "/", "~", "a.b.c", "a..b", ".a", "a.", "org/name", "*"]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(SCALARS.filter(bool), inner, max_size=2)
    ),
    max_leaves=4,
)


def edited(data, path, value):
    """A copy of nested mappings and lists with one value replaced."""
    step, *rest = path
    key = int(step) if isinstance(data, list) else step
    held = data[key] if isinstance(data, list) else data.get(key)
    new = edited(held if isinstance(held, dict | list) else {}, rest, value) if rest else value
    if isinstance(data, list):
        return [new if at == key else item for at, item in enumerate(data)]
    return {**data, key: new}


RECIPE = {
    "base_model": "org/name",
    "learning_rate": 0.1,
    "plugins": ["emp_plugins.EmpathyPlugin"],
    "rl": "grpo",
    "trl": {"reward_funcs": ["json.dumps"], "num_generations": 2},
    "datasets": [{"path": "rows.jsonl", "type": "emp_plugins.prompts"}],
    "empathy": {"rewards": {"safety": {"gate": False}}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("folder")
    (made / "rows.jsonl").write_text('{"prompt": "I failed.", "risk": 0}\n')
    return made


@settings(max_examples=80)
@given(key=st.sampled_from(KEYS), value=VALUES)
def test_no_value_breaks_a_check(folder, key, value):
    recipe = Recipe("a.yml", edited(RECIPE, key.split("."), value))
    with contextlib.chdir(folder):
        assert all(found.message for found in check(recipe, [*CHECKS, SMOKE]))
