"""What the base model's architecture says against a recipe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.check.base_model import check
from emp_plugins.check.recipe import Recipe

LLAMA, PHI = "meta-llama/Llama-3.1-8B-Instruct", "microsoft/Phi-3-mini-4k-instruct"
SEVEN = "[q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj]"
QLORA = "adapter: qlora\nload_in_4bit: true\nlora_r: 16\n"


def found(text, severity="error"):
    return [item for item in check(Recipe.from_text("a.yml", text)) if item.severity == severity]


def lora(targets, base=LLAMA):
    return f"base_model: {base}\n{QLORA}{targets}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (  # a typo
            lora("lora_target_modules: [q_prj, v_proj]"),
            "a.yml:5:23: lora_target_modules[0]: 'q_prj' matches no module of llama; "
            "did you mean q_proj?",
        ),
        (  # names of another architecture
            lora("lora_target_modules: [query_key_value]"),
            "a.yml:5:23: lora_target_modules[0]: 'query_key_value' matches no module of llama; "
            "it has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj",
        ),
        (  # the seven names train two of four matrices there
            lora(f"lora_target_modules: {SEVEN}", PHI),
            "a.yml:5:1: lora_target_modules: phi3 has no q_proj, k_proj, v_proj, gate_proj, "
            "up_proj: it fuses them into qkv_proj and gate_up_proj, so these would silently stay "
            "untrained; use lora_target_linear: true instead",
        ),
        (
            lora("lora_target_modules: ['.*q_proj']"),
            "a.yml:5:23: lora_target_modules[0]: '.*q_proj' matches no module of llama; "
            "a regular expression is one text, not an entry of a list",
        ),
        (
            lora("lora_target_modules: q_proj"),
            "a.yml:5:1: lora_target_modules: one text must match a module's whole name, and this "
            "matches none; write it as a list: [q_proj]",
        ),
        (
            lora("lora_target_modules: '*'"),
            "a.yml:5:1: lora_target_modules: no regular expression: "
            "nothing to repeat at position 0",
        ),
        (  # copied from a recipe for another family
            f"base_model: {LLAMA}\nfsdp_config:\n"
            "  transformer_layer_cls_to_wrap: Qwen2DecoderLayer\n",
            "a.yml:3:3: fsdp_config.transformer_layer_cls_to_wrap: llama has no layer of class "
            "Qwen2DecoderLayer; use LlamaDecoderLayer, or leave it out",
        ),
        (
            lora("lora_alpha: 8"),
            "a.yml:2:1: adapter: no module is named to adapt; add lora_target_linear: true",
        ),
        (
            lora("lora_target_linear: true\npeft_layers_to_transform: [32]"),
            "a.yml:6:1: peft_layers_to_transform: leaves no module to adapt in the 32 layers of "
            "the base model",
        ),
        (
            "base_model: unsloth/Qwen2.5-7B-Instruct-bnb-4bit\n",
            "a.yml:1:1: base_model: is a quantized checkpoint, whose weights cannot be trained; "
            "add adapter: qlora and load_in_4bit: true, or name the original model",
        ),
    ],
)
def test_errors(text, line):
    assert [str(item) for item in found(text)] == [line]


@pytest.mark.parametrize(
    "text",
    [
        f"base_model: {PHI}\nfsdp_config: {{transformer_layer_cls_to_wrap: Phi3DecoderLayer}}\n",
        lora("lora_target_linear: true"),
        lora("lora_target_linear: true", PHI),
        lora(f"lora_target_modules: {SEVEN}"),
        lora("lora_target_modules: [qkv_proj, down_proj]", PHI),
        lora("lora_target_modules: all-linear"),
        lora(r"lora_target_modules: '.*\.(q|v)_proj'"),
        lora("lora_target_modules: [embed_tokens, lm_head]"),
        lora("lora_target_modules: [self_attn.q_proj]"),
        lora("lora_target_modules: [whatever]", "org/unknown"),  # nobody knows its modules
        lora("lora_target_parameters: [mlp.experts.gate_up_proj]"),
        f"base_model: {LLAMA}\nlora_target_modules: [typo]\n",  # no adapter, so not used
        "base_model: unsloth/Qwen2.5-7B-Instruct-bnb-4bit\n" + QLORA + "lora_target_linear: true\n",
        "base_model: [a]\n",
        "rl: dpo\n",
    ],
)
def test_no_errors(text):
    assert found(text) == []


def test_long_sequences():
    (warning,) = found(f"base_model: {PHI}\nsequence_len: 4097\n", "warning")
    assert (warning.key, warning.line) == ("sequence_len", 2)
    assert warning.suggestion.startswith("use at most 4096, or")
    assert found(f"base_model: {PHI}\nsequence_len: 4096\n", "warning") == []
    scaled = "overrides_of_model_config: {rope_scaling: {rope_type: yarn, factor: 4.0}}"
    assert found(f"base_model: {PHI}\nsequence_len: 4097\n{scaled}\n", "warning") == []


def test_numbers_beyond_measure():
    (note,) = found(lora(f"lora_target_linear: true\nlora_r: {'9' * 400}"), "note")
    assert note.message.startswith("memory not estimated")


def test_adapter_folders(tmp_path):
    (tmp_path / "adapter_config.json").write_text("{}")
    (message,) = found(f"base_model: {tmp_path}\n")
    assert "holds an adapter, not a model" in str(message)
    empty = tmp_path / "empty"
    empty.mkdir()
    target = "lora_target_linear: true\n"
    (message,) = found(lora(f"{target}lora_model_dir: {empty}"))
    assert message.key == "lora_model_dir"
    assert found(lora(f"{target}lora_model_dir: {tmp_path}")) == []


@pytest.mark.parametrize(("method", "told"), [("dpo", 1), ("kto", 1), ("grpo", 0), ("orpo", 0)])
def test_saved_adapters_that_are_not_loaded(method, told):
    text = lora(f"lora_target_linear: true\nrl: {method}\nlora_model_dir: org/adapter")
    warnings = found(text, "warning")
    assert [(item.key, item.line) for item in warnings] == [("lora_model_dir", 7)] * told


def test_broken_config(tmp_path):
    (tmp_path / "config.json").write_text("{")
    (message,) = found(f"base_model: {tmp_path}\n")
    assert "config.json: not JSON" in message.message


@pytest.mark.parametrize(
    ("world_size", "told"), [(1, "emp check --gpus N reckons with N of them"), (2, "")]
)
def test_shared_models_depend_on_the_gpus(world_size, told):
    text = (
        lora("lora_target_linear: true") + "fsdp_version: 2\nfsdp_config: {offload_params: false}\n"
    )
    (note,) = check(Recipe.from_text("a.yml", text, world_size))
    assert note.severity == "note" and note.suggestion == told


def test_memory_is_one_note():
    (note,) = found(lora("lora_target_linear: true"), "note")
    assert note.key == "base_model"
    assert note.message.startswith("about ")
    assert "unverified estimate" in note.message


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (None, "no architecture of this model ships"),
        ('{"model_type": "mamba"}', "model type mamba is not known here"),
    ],
)
def test_not_estimated(tmp_path, config, reason):
    if config is not None:
        (tmp_path / "config.json").write_text(config)
    (note,) = found(f"base_model: {tmp_path}\n", "note")
    assert reason in note.message


KEYS = ["adapter", "lora_target_modules", "lora_target_linear", "lora_model_dir", "sequence_len"]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["lora", "q_proj", "*", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*KEYS, "peft_layers_to_transform", "base_model"]), JUNK))
def test_never_fails_on_a_wrong_type(junk):
    recipe = Recipe("a.yml", {"base_model": LLAMA, "adapter": "lora", **junk})
    assert all("\n" not in str(item) for item in check(recipe))
