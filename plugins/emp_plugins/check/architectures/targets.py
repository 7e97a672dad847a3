"""Which modules a recipe's adapter changes, by the rules of PEFT and Axolotl."""

from __future__ import annotations

import re
from collections.abc import Iterable

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.recipe import Recipe

ALL_LINEAR = "all-linear"
"""PEFT's word for every linear module but the output head."""

INDEX = re.compile(r"\.layers\.(\d+)\.")


def modules(shape: Shape) -> dict[str, tuple[int, int]]:
    """Every module that LoRA can adapt.

    Args:
        shape: The model's sizes.

    Returns:
        Full name to the widths of its input and output.
    """
    names = {
        f"model.layers.{layer}.{item.block}.{name}": (item.inputs, item.outputs)
        for layer in range(shape.layers)
        for name, item in shape.projections.items()
    }
    names["model.embed_tokens"] = (shape.vocab, shape.hidden)
    return names | {"lm_head": (shape.hidden, shape.vocab)}


def matching(target: str, names: Iterable[str], *, pattern: bool = False) -> list[str]:
    """The modules that one target names.

    Args:
        target: The end of a module's name at a dot, or a regular expression of whole names.
        names: Full names of the modules.
        pattern: Whether it is a regular expression, as PEFT takes a single text.

    Returns:
        The names that match, in the given order.

    Raises:
        re.error: The expression is none.

    Example:
        >>> names = ["model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj"]
        >>> matching("q_proj", names)
        ['model.layers.0.self_attn.q_proj']
        >>> matching(r".*self_attn.*", names, pattern=True)
        ['model.layers.0.self_attn.q_proj']
    """
    if pattern:
        whole = re.compile(target)
        return [name for name in names if whole.fullmatch(name)]
    return [name for name in names if name == target or name.endswith(f".{target}")]


def adapted(recipe: Recipe, shape: Shape) -> list[str]:
    """The modules that get a LoRA pair.

    Args:
        recipe: The recipe.
        shape: The model's sizes.

    Returns:
        Their full names; empty without an adapter.

    Raises:
        re.error: ``lora_target_modules`` is one text and no regular expression.
    """
    if not recipe.get("adapter"):
        return []
    names = list(modules(shape))
    layers = [name for name in names if INDEX.search(name)]
    wanted = recipe.get("lora_target_modules")
    linear = bool(recipe.get("lora_target_linear"))
    if isinstance(wanted, str) and not linear:
        found = layers if wanted == ALL_LINEAR else matching(wanted, names, pattern=True)
    else:
        found = {name for one in texts(wanted) for name in matching(one, names)}
    chosen = set(found) | (set(layers) if linear else set())
    return [name for name in names if name in chosen and not _left_out(recipe, name)]


def texts(value: object) -> list[str]:
    """A text, or the texts of a list, as a list.

    Example:
        >>> texts("q_proj"), texts(["q_proj", 3]), texts(None)
        (['q_proj'], ['q_proj'], [])
    """
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def _left_out(recipe: Recipe, name: str) -> bool:
    """Whether ``peft_layers_to_transform`` or ``lora_exclude_modules`` takes the module out."""
    if any(matching(one, [name]) for one in texts(recipe.get("lora_exclude_modules"))):
        return True
    layers = recipe.get("peft_layers_to_transform")
    if not isinstance(layers, list):
        return False
    index = INDEX.search(name)
    return index is None or int(index[1]) not in layers
