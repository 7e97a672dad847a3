"""Single faults of keys and values: what is said of each, and where."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from emp_plugins.check import keys
from emp_plugins.check.recipe import Recipe
from emp_plugins.check.schema import load
from emp_plugins.check.schema.places import elsewhere

RECIPES = sorted((Path(__file__).parents[3] / "recipes").glob("*.yml"))

GRPO = """\
base_model: org/name
plugins:
  - emp_plugins.EmpathyPlugin
empathy:
  judges:
    emotion: {backend: embedded}
  matrix:
    surprise: [0.2, 0, 0, 0]
  rewards:
    empathy: {weight: 1.0}
    semantic_similarity: {calibration: {method: range}}
    safety:
rl: grpo
trl:
  num_generations: 8
  reward_weights: [1.0]
datasets:
  - path: data/prompts.jsonl
    ds_type: json
    type: emp_plugins.prompts
learning_rate: 5e-6
bf16: true
fsdp_config:
  offload_params: true
lr_groups:
  - {name: head, modules: [lm_head], lr: 1e-4}
special_tokens:
  pad_token: "<pad>"
"""
PROMPTS = "- path: data/prompts.jsonl\n    ds_type: json\n    type: emp_plugins.prompts"
SIMILARITY = "empathy.rewards.semantic_similarity"
GROKFAST = "axolotl.integrations.grokfast.GrokfastPlugin"
DPO = GRPO.replace("rl: grpo", "rl: dpo").replace("    ds_type: json\n", "")
KTO = DPO.replace("rl: dpo", "rl: kto")
ORPO = GRPO.replace("rl: grpo", "rl: orpo")
SFT = GRPO.replace("rl: grpo\n", "")

FAULTS = [
    # A misspelt key at each level.
    (GRPO, "learning_rate:", "learnin_rate: 1\nlearning_rate:", "learnin_rate", 21, "did you mean"),
    (GRPO, "num_generations:", "num_generation:", "trl.num_generation", 15, "num_generations?"),
    (GRPO, "ds_type:", "ds_typ:", "datasets[0].ds_typ", 19, "did you mean ds_type?"),
    (GRPO, "offload_params:", "offload_param:", "fsdp_config.offload_param", 24, "offload_params?"),
    (GRPO, "modules:", "module:", "lr_groups[0].module", 26, "did you mean modules?"),
    (GRPO, "pad_token:", "pad_tokn:", "special_tokens.pad_tokn", 28, "did you mean pad_token?"),
    # A misspelt name in our block.
    (GRPO, "  judges:", "  judge:", "empathy.judge", 5, "did you mean judges?"),
    (GRPO, "    safety:", "    safty:", "empathy.rewards.safty", 12, "unknown reward; did you"),
    (GRPO, "{weight: 1.0", "{wieght: 1.0", "empathy.rewards.empathy.wieght", 10, "mean weight?"),
    (GRPO, "emotion:", "emotoin:", "empathy.judges.emotoin", 6, "unknown judge; did you"),
    (GRPO, "surprise:", "suprise:", "empathy.matrix.suprise", 8, "unknown emotion; did you"),
    (GRPO, "{method:", "{methd:", f"{SIMILARITY}.calibration.methd", 11, "mean method?"),
    (GRPO, "embedded", "embeded", "empathy.judges.emotion.backend", 6, "embedded?"),
    (GRPO, "{backend: embedded", "{backend: hf", "empathy.judges.emotion.model", 6, "missing"),
    (GRPO, "emotion: {", "llm: {", "empathy.judges.llm.backend", 6, "expected openai, got"),
    (GRPO, "{backend: embedded", "{model: a/b", "empathy.judges.emotion.model", 6, "unknown key"),
    # Where nothing is near, the keys that there are; a key of another tool's block is no advice.
    (
        GRPO,
        "{method:",
        "{std: 1, method:",
        f"{SIMILARITY}.calibration.std",
        11,
        "here are deviation,",
    ),
    (
        GRPO,
        "{backend: emb",
        "{batch_size: 4, backend: emb",
        "empathy.judges.emotion.batch_size",
        6,
        "the keys here are backend",
    ),
    # A key in the wrong block.
    (GRPO, "rl: grpo", "rl: grpo\nnum_generations: 8", "num_generations", 14, "under trl"),
    (GRPO, "trl:", "trl:\n  max_steps: 5", "trl.max_steps", 15, "at the top level"),
    (GRPO, "rl: grpo", "rl: grpo\nrewards: {}", "rewards", 14, "it belongs under empathy"),
    # A key whose plugin is not listed.
    (GRPO, "bf16: true", "liger_rope: true", "liger_rope", 22, "liger.LigerPlugin to plugins"),
    (GRPO, "plugins:\n  - emp_plugins.EmpathyPlugin\n", "", "empathy", 2, "add emp_plugins.Em"),
    # Values of another type.
    (GRPO, " 8", " many", "trl.num_generations", 15, "a whole number"),
    (GRPO, "num_generations: 8", "num_generations: 2.5", "trl.num_generations", 15, "got 2.5"),
    (GRPO, "[1.0]", "[1.0, high]", "trl.reward_weights[1]", 16, "expected a number, got text"),
    (GRPO, "[1.0]", "1.0", "trl.reward_weights", 16, "write a list: [1.0]"),
    (GRPO, "bf16: true", "bf16: full", "bf16", 22, "expected auto, true or false, got text"),
    (GRPO, "bf16: true", "fp16: maybe", "fp16", 22, "expected true or false, got text 'maybe'"),
    (GRPO, "base_model: org/name", "base_model: 7", "base_model", 1, "put it in quotes"),
    (GRPO, "bf16: true", "save_strategy: no", "save_strategy", 22, "YAML reads no, off"),
    (GRPO, "bf16: true", "vllm: fast", "vllm", 22, "expected a mapping, got text 'fast'"),
    (GRPO, "bf16: true", "pretraining_dataset: a/b", "pretraining_dataset", 22, "of mappings, got"),
    (GRPO, "{weight: 1.0", "{weight: high", "empathy.rewards.empathy.weight", 10, "a number"),
    (GRPO, "    safety:", "    safety: true", "empathy.rewards.safety", 12, "expected a mapping"),
    (GRPO, PROMPTS, "- data", "datasets[0]", 18, "expected a mapping"),
    (GRPO, "bf16: true", "qat: {weight_dtype: int3}", "qat.weight_dtype", 22, "mean int8?"),
    (GRPO, "base_model:", "base_modle:", "base_modle", 1, "did you mean base_model?"),
    # Values outside of an enumeration or a range.
    (GRPO, "rl: grpo", "rl: gpro", "rl", 13, "did you mean grpo?"),
    (GRPO, "rl: grpo", "rl: GRPO", "rl", 13, "did you mean grpo?"),
    (GRPO, "bf16: true", "optimizer: adamw_torhc", "optimizer", 22, "did you mean adamw_torch?"),
    (GRPO, "bf16: true", "adapter: qlroa", "adapter", 22, "did you mean qlora?"),
    (GRPO, "bf16: true", "attn_implementation: flash", "attn_implementation", 22, "ORG/NAME"),
    (GRPO, "bf16: true", "chat_template: chatlm", "chat_template", 22, "did you mean chatml?"),
    (GRPO, "bf16: true", "relora_prune_ratio: 2", "relora_prune_ratio", 22, "at most 1.0, got 2"),
    (GRPO, "bf16: true", "torch_compile_options: {a: 1}", "torch_compile_options.a", 22, "unknown"),
    (GRPO, "bf16: true", "dpo_loss_type: []", "dpo_loss_type", 22, "at least 1 entries, got 0"),
    (GRPO, "0, 0, 0]", "0, 0]", "empathy.matrix.surprise", 8, "at least 4 entries"),
    # Keys that Axolotl refuses, and keys without which it does nothing.
    (GRPO, "bf16: true", "dpo_norm_loss: false", "dpo_norm_loss", 22, "Axolotl refuses this key"),
    (GRPO, "bf16: true", "unsloth_rope: true", "unsloth_rope", 22, "Axolotl refuses this key"),
    (GRPO, "base_model: org/name\n", "", "base_model", 0, "missing"),
    (GRPO, "learning_rate: 5e-6\n", "", "learning_rate", 0, "missing"),
    # A key that stands twice.
    (GRPO, "bf16: true", "bf16: true\nbf16:", "bf16", 23, "YAML keeps the last"),
    (GRPO, "trl:", "trl:\n  num_generations: 4", "trl.num_generations", 16, "stands twice"),
]

WARNINGS = [
    # Keys that the class of data sets of this method lacks.
    (DPO, "    type: emp", "    name: a\n    type: emp", "datasets[0].name", 19, "rl: dpo"),
    (DPO, "    type: emp", "    roles: {}\n    type: emp", "datasets[0].roles", 19, "rename the"),
    (KTO, "    type: emp", "    shards: 2\n    type: emp", "datasets[0].shards", 19, "rl: kto"),
    (GRPO, "ds_type: json", "field_chosen: a", "datasets[0].field_chosen", 19, "rl: grpo"),
    (SFT, "ds_type: json", "field_chosen: a", "datasets[0].field_chosen", 18, "Axolotl drops"),
    # Deprecated keys.
    (GRPO, "bf16: true", "dpo_beta: 0.1", "dpo_beta", 22, "is deprecated; write rl_beta"),
    (GRPO, "bf16: true", "flash_attention: true", "flash_attention", 22, "flash_attention_2"),
    (GRPO, "offl", "fsdp_offl", "fsdp_config.fsdp_offload_params", 24, "write offload"),
    # Keys of an older FSDP.
    (GRPO, "offl", "sharding_strategy: x\n  offl", "fsdp_config.sharding_strategy", 24, "reshard_"),
    (
        GRPO,
        "offl",
        "fsdp_limit_all_gathers: true\n  offl",
        "fsdp_config.fsdp_limit_all_gathers",
        24,
        "drops",
    ),
    # A key that only Axolotl's command line sets.
    (GRPO, "bf16: true", "debug: true", "debug", 22, "Axolotl drops this key; pass --debug"),
    # It may belong to a plugin that nobody here knows.
    (GRPO, "plugins:", "new_key: 1\nplugins:\n  - a.B", "new_key", 2, "unless it belongs to a.B"),
]

FINE = [
    ("text that is a number", GRPO, "bf16: true", "weight_decay: 1e-4"),
    ("an integer for a float", GRPO, "bf16: true", "num_epochs: 3"),
    ("a float for an integer", GRPO, "bf16: true", "sequence_len: 512.0"),
    ("text for an integer", GRPO, "bf16: true", 'sequence_len: "512"'),
    ("text for a boolean", GRPO, "bf16: true", 'bf16: "true"'),
    ("a number for a boolean", GRPO, "bf16: true", "bf16: 1"),
    ("null where it may be", GRPO, "bf16: true", "bf16:"),
    ("null for all parameters of a reward", GRPO, "bf16: true", "bf16: true"),
    ("an alias", GRPO, "bf16: true", "model_type: LlamaForCausalLM"),
    ("the name behind an alias", GRPO, "bf16: true", "type_of_model: LlamaForCausalLM"),
    ("a key of a validator", GRPO, "offload_params: true", "version: 2"),
    ("a kernel of the hub", GRPO, "bf16: true", "attn_implementation: org/kernel"),
    ("a fallback", GRPO, "bf16: true", "chat_template: tokenizer_default_fallback_x"),
    ("an opaque mapping", GRPO, "bf16: true", "accelerator_config: {anything: {at: all}}"),
    ("another opaque mapping", GRPO, "bf16: true", "deepspeed: {zero_optimization: {stage: 3}}"),
    ("a file or a mapping", GRPO, "bf16: true", "deepspeed: recipes/deepspeed/zero3.json"),
    ("numbers as keys", GRPO, "bf16: true", "max_memory: {0: 20GiB}"),
    ("a plugin's key", GRPO, "plugins:", f"grokfast_alpha: 0.9\nplugins:\n  - {GROKFAST}"),
    ("a slip in a plugin's name", GRPO, "emp_plugins.Emp", "emp_plugins.Epm"),
    ("a slip in a plugin's package", GRPO, "emp_plugins.Emp", "emp_plugin.Emp"),
    ("a plugin by its module", GRPO, "emp_plugins.Emp", "emp_plugins.plugin.Emp"),
    ("a type of one's own", ORPO, "type: emp_plugins.prompts", "type: {field_output: text}"),
    ("a synthetic data set", SFT, "datasets:", "datasets:\n  - {type: _synthetic, length: 8}"),
    ("names of dtypes", GRPO, "bf16: true", "qat: {weight_dtype: fp8, activation_dtype: int4}"),
    ("a refused key that is off", GRPO, "bf16: true", "s2_attention: false"),
    ("a deprecated key without a value", GRPO, "bf16: true", "dpo_beta:"),
    ("test data as another class", DPO, "bf16: true", "test_datasets: [{path: a, ds_type: json}]"),
]


def test_no_list_of_texts_where_mappings_belong() -> None:
    for key in ("datasets", "test_datasets", "pretraining_dataset"):
        for base in (GRPO, DPO, KTO, SFT):
            data = dict(Recipe.from_text("a.yml", base).data) | {key: "org/data"}
            (finding,) = keys.check(Recipe("a.yml", data))
            assert (finding.key, finding.suggestion) == (key, "")


def _check(text: str) -> list[keys.Finding]:
    return list(keys.check(Recipe.from_text("a.yml", text)))


def _edited(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


@pytest.mark.parametrize(
    "text", [GRPO, DPO, KTO, ORPO, SFT], ids=["grpo", "dpo", "kto", "orpo", "sft"]
)
def test_nothing_is_wrong_before_the_edits(text: str) -> None:
    assert _check(text) == []


@pytest.mark.parametrize(("text", "old", "new", "key", "line", "fragment"), FAULTS)
def test_a_fault_is_one_error_at_its_key(
    text: str, old: str, new: str, key: str, line: int, fragment: str
) -> None:
    [finding] = _check(_edited(text, old, new))
    assert (finding.key, finding.line, finding.severity) == (key, line, "error")
    assert fragment in str(finding)


@pytest.mark.parametrize(("text", "old", "new", "key", "line", "fragment"), WARNINGS)
def test_what_is_ignored_is_one_warning(
    text: str, old: str, new: str, key: str, line: int, fragment: str
) -> None:
    [finding] = _check(_edited(text, old, new))
    assert (finding.key, finding.line, finding.severity) == (key, line, "warning")
    assert fragment in str(finding)


@pytest.mark.parametrize(("why", "text", "old", "new"), FINE, ids=[row[0] for row in FINE])
def test_what_axolotl_accepts_is_no_fault(why: str, text: str, old: str, new: str) -> None:
    assert _check(_edited(text, old, new)) == [], why


def test_each_of_several_faults_is_found() -> None:
    text = GRPO.replace("bf16:", "bf61:").replace("num_generations", "num_generation")
    text = text.replace("    safety:", "    safety: {gaet: true}")
    assert {finding.line for finding in _check(text)} == {12, 15, 22}


@pytest.mark.parametrize("path", RECIPES, ids=[path.name for path in RECIPES])
def test_shipped_recipes_are_clean(path: Path) -> None:
    assert [str(finding) for finding in keys.check(Recipe.read(path))] == []


def test_all_recipes_are_checked_in_a_moment() -> None:
    recipes = [Recipe.read(path) for path in RECIPES]
    start = time.process_time()
    for recipe in recipes:
        list(keys.check(recipe))
    assert time.process_time() - start < 1


@given(
    key=st.sampled_from(sorted(load()["properties"])),
    place=st.integers(0, 99),
    swap=st.booleans(),
)
def test_a_slip_in_a_key_is_one_error_that_names_a_near_key(
    key: str, place: int, swap: bool
) -> None:
    place %= len(key)
    rest = key[place + 2 :]
    typo = key[:place] + (
        key[place + 1 : place + 2] + key[place] + rest if swap else key[place + 1 :]
    )
    assume(typo and typo not in load()["properties"])
    [finding] = _check(f"base_model: a/b\nlearning_rate: 1\n? {typo}\n: 1\n")
    assert (finding.key, finding.line, finding.severity) == (typo, 3, "error")
    assert finding.suggestion.startswith("did you mean ") or elsewhere(typo, "")
