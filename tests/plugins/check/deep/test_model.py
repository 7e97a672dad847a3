"""The quick check's picture of a model and its adapter is the one that the libraries build."""

import pytest

from emp_plugins.check.architectures import find, names
from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.architectures.targets import adapted
from emp_plugins.check.memory.trained import trainable
from emp_plugins.check.recipe import Recipe

pytestmark = pytest.mark.train  # half a minute of imports

LLAMA, PHI = "meta-llama/Llama-3.1-8B-Instruct", "microsoft/Phi-3-mini-4k-instruct"


@pytest.mark.parametrize("name", names())
def test_shipped_architectures_are_what_transformers_builds(name):
    from emp_plugins.check.deep.model import build

    model, shape = build(find(name)), Shape.of(find(name))
    assert model.num_parameters() == shape.parameters
    built = {
        f"{module}": (part.in_features, part.out_features, part.bias is not None)
        for module, part in model.named_modules()
        if ".layers.0." in module and hasattr(part, "in_features")
    }
    stated = {
        f"model.layers.0.{item.block}.{key}": (item.inputs, item.outputs, item.bias)
        for key, item in shape.projections.items()
    }
    assert built == stated


@pytest.mark.parametrize(
    ("base", "keys"),
    [
        (LLAMA, {"lora_target_linear": True}),
        (PHI, {"lora_target_linear": True}),
        (PHI, {"lora_target_modules": ["q_proj", "o_proj", "down_proj"]}),
        ("google/gemma-2-2b-it", {"lora_target_linear": True}),
        ("Qwen/Qwen2.5-0.5B-Instruct", {"lora_target_linear": True, "peft_use_dora": True}),
        ("Qwen/Qwen2.5-0.5B-Instruct", {"lora_target_modules": "all-linear"}),
        ("Qwen/Qwen2.5-0.5B-Instruct", {"lora_target_modules": r".*layers\.[0-3]\..*_proj"}),
        ("Qwen/Qwen2.5-0.5B-Instruct", {"lora_target_modules": ["embed_tokens", "q_proj"]}),
        (LLAMA, {"lora_target_modules": ["lm_head", "self_attn.k_proj"]}),
        (LLAMA, {"lora_target_linear": True, "peft_layers_to_transform": [0, 5]}),
        (LLAMA, {"lora_target_linear": True, "lora_rank_pattern": {"q_proj": 32}}),
        (LLAMA, {"lora_target_linear": True, "lora_modules_to_save": ["embed_tokens"]}),
        (LLAMA, {"lora_target_linear": True, "lora_exclude_modules": ["up_proj"]}),
    ],
)
def test_the_quick_check_adapts_what_axolotl_adapts(base, keys):
    """The same modules, and the same number of trainable parameters."""
    from axolotl.utils.dict import DictDefault

    from emp_plugins.check.deep.model import adapt, build

    recipe = {"adapter": "lora", "lora_r": 8, "lora_alpha": 8, "lora_dropout": 0.0, **keys}
    model = adapt(build(find(base)), DictDefault(recipe))
    shape, recipe = Shape.of(find(base)), Recipe("a.yml", recipe)
    assert set(model.base_model.targeted_module_names) == set(adapted(recipe, shape))
    assert model.get_nb_trainable_parameters()[0] == trainable(recipe, shape)
