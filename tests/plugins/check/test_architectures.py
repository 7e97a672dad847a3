"""The shipped architectures against the sizes that their makers publish."""

import json
import re

import pytest

from emp_plugins.check.architectures import FOLDER, NF4, find, names
from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.architectures.targets import adapted, matching, modules
from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError

PUBLISHED = {
    "HuggingFaceTB/SmolLM2-135M-Instruct": 134_515_008,
    "Qwen/Qwen2.5-0.5B-Instruct": 494_032_768,
    "Qwen/Qwen2.5-1.5B-Instruct": 1_543_714_304,
    "Qwen/Qwen2.5-3B": 3_085_938_688,
    "Qwen/Qwen2.5-3B-Instruct": 3_085_938_688,
    "Qwen/Qwen2.5-7B-Instruct": 7_615_616_512,
    "Qwen/Qwen2.5-14B-Instruct": 14_770_033_664,
    "Qwen/Qwen2.5-32B-Instruct": 32_763_876_352,
    "Qwen/Qwen3-4B": 4_022_468_096,
    "Qwen/Qwen3-8B": 8_190_735_360,
    "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": 8_030_261_248,
    "google/gemma-2-2b-it": 2_614_341_888,
    "google/gemma-2-9b-it": 9_241_705_984,
    "meta-llama/Llama-3.1-8B-Instruct": 8_030_261_248,
    "meta-llama/Llama-3.2-1B-Instruct": 1_235_814_400,
    "meta-llama/Llama-3.2-3B-Instruct": 3_212_749_824,
    "microsoft/Phi-3-mini-4k-instruct": 3_821_079_552,
    "mistralai/Mistral-7B-Instruct-v0.3": 7_248_023_552,
}
"""Number of parameters on each model's page; tests/plugins/check/test_deep.py builds them all."""


def shape(name):
    return Shape.of(find(name))


def test_every_file_is_published():
    assert set(names()) == set(PUBLISHED)


@pytest.mark.parametrize("name", PUBLISHED)
def test_parameters(name):
    assert shape(name).parameters == PUBLISHED[name]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_files_are_tidy(path):
    text = path.read_text()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"


@pytest.mark.parametrize(
    ("mirror", "original", "quantized"),
    [
        ("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "meta-llama/Llama-3.1-8B-Instruct", True),
        ("unsloth/Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B-Instruct", False),
        ("unsloth/mistral-7b-instruct-v0.3-bnb-4bit", "mistralai/Mistral-7B-Instruct-v0.3", True),
        ("unsloth/Qwen2.5-7B-Instruct-unsloth-bnb-4bit", "Qwen/Qwen2.5-7B-Instruct", True),
        ("unsloth/gemma-2-9b-it-bnb-4bit", "google/gemma-2-9b-it", True),
    ],
)
def test_mirrors(mirror, original, quantized):
    extra = {"quantization_config": NF4} if quantized else {}
    assert find(mirror) == {**find(original), **extra}


@pytest.mark.parametrize(
    "name",
    [
        "org/unknown",
        "unsloth/unknown-bnb-4bit",
        "org/Llama-3.1-8B-Instruct",  # somebody's model of that name may be anything
        "",
        "x" * 5000,  # longer than a path may be
    ],
)
def test_unknown(name):
    assert find(name) is None


def test_a_folder_counts_first(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    assert find(str(tmp_path)) == {"model_type": "llama"}


@pytest.mark.parametrize("text", ["{", "[]"])
def test_broken_folder(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(InputError, match="config.json: "):
        find(str(tmp_path))


def test_what_is_found_can_be_changed():
    find("Qwen/Qwen3-8B")["vocab_size"] = 1
    assert find("Qwen/Qwen3-8B")["vocab_size"] == 151936


@pytest.mark.parametrize(
    "change",
    [
        {"model_type": "mamba"},  # not known here
        {"hidden_size": None},
        {"hidden_size": "4096"},
        {"num_attention_heads": 0},
        {"num_hidden_layers": True},
    ],
)
def test_no_shape(change):
    assert Shape.of({**find("Qwen/Qwen3-8B"), **change}) is None


def test_defaults_of_the_configuration_classes():
    """A config.json may leave out what its class knows."""
    gemma = {k: v for k, v in find("google/gemma-2-2b-it").items() if k != "tie_word_embeddings"}
    gemma.pop("head_dim")
    assert Shape.of(gemma) == shape("google/gemma-2-2b-it")
    llama = {**find("meta-llama/Llama-3.1-8B-Instruct"), "num_key_value_heads": None}
    assert Shape.of(llama).kv_heads == 32


def kinds(base, **keys):
    recipe = Recipe("a.yml", {"adapter": "lora", **keys})
    return {name.split(".")[-1] for name in adapted(recipe, shape(base))}


LLAMA, PHI = "meta-llama/Llama-3.1-8B-Instruct", "microsoft/Phi-3-mini-4k-instruct"
SEVEN = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@pytest.mark.parametrize(
    ("base", "keys", "expected"),
    [
        (LLAMA, {"lora_target_linear": True}, set(SEVEN)),
        (PHI, {"lora_target_linear": True}, {"qkv_proj", "o_proj", "gate_up_proj", "down_proj"}),
        (PHI, {"lora_target_modules": SEVEN}, {"o_proj", "down_proj"}),  # the trap
        (LLAMA, {"lora_target_modules": ["lm_head"]}, {"lm_head"}),
        (LLAMA, {"lora_target_modules": ["proj"]}, set()),  # the end must begin at a dot
        (LLAMA, {"lora_target_modules": "all-linear"}, set(SEVEN)),
        (LLAMA, {"lora_target_modules": r".*\.(q|k)_proj"}, {"q_proj", "k_proj"}),
        (LLAMA, {"lora_target_modules": "q_proj"}, set()),  # a pattern of the whole name
        (
            LLAMA,
            {"lora_target_linear": True, "lora_exclude_modules": ["up_proj"]},
            {*SEVEN} - {"up_proj"},
        ),
        (
            LLAMA,
            {"lora_target_linear": True, "lora_target_modules": "lm_head"},
            {*SEVEN, "lm_head"},
        ),
        (LLAMA, {}, set()),
        (LLAMA, {"lora_target_linear": True, "adapter": None}, set()),
    ],
)
def test_adapted(base, keys, expected):
    assert kinds(base, **keys) == expected


def test_adapted_layers():
    keys = {"adapter": "lora", "lora_target_linear": True, "peft_layers_to_transform": [0, 31, 99]}
    found = adapted(Recipe("a.yml", keys), shape(LLAMA))
    assert len(found) == 14
    assert {name.split(".")[2] for name in found} == {"0", "31"}


def test_a_pattern_may_be_broken():
    with pytest.raises(re.error):
        matching("*", modules(shape(LLAMA)), pattern=True)
