"""From a recipe to the model that it trained, and to the one that it began with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from emp_plugins.errors import InputError, did_you_mean
from emp_tooling.models import Model
from emp_tooling.models import adapter as adapters
from emp_tooling.models.sampling import Sampling
from emp_tooling.recipe import required

ENGINES = ("transformers", "vllm")

Engine = Literal["transformers", "vllm"]


def open_model(
    recipe: dict[str, Any],
    path: str | Path,
    *,
    adapter: str | Path | None = None,
    endpoint: str | None = None,
    engine: Engine = "transformers",
    sampling: Sampling | None = None,
    batch_size: int = 64,
) -> Model:
    """Opens the trained model of a recipe.

    The base of an adapter is held in 4 bits where the recipe's training held it so; a full model
    is loaded as it was saved. vLLM loads both as they were saved.

    Args:
        recipe: What ``read_recipe`` gave.
        path: The recipe's file, for messages.
        adapter: Folder of an adapter, or of a full model such as a merged one; None for what the
            recipe left in its ``output_dir``: the final weights, else its newest whole checkpoint.
        endpoint: ``MODEL@URL`` of a server that has the trained model; nothing is loaded here.
        engine: What runs local weights.
        sampling: How tokens are drawn; None for the recipe's ``trl`` block.
        batch_size: Prompts that run together, by transformers.

    Returns:
        The model.

    Raises:
        InputError: There is no such model, its weights are pickled, or the adapter belongs to
            another base.

    Example:
        ```python
        recipe = read_recipe("recipes/tiny_grpo_empathy.yml")
        model = open_model(recipe, "recipes/tiny_grpo_empathy.yml")
        (reply,) = model.reply([[{"role": "user", "content": "I can't sleep."}]])
        ```
    """
    sampling = sampling or Sampling.from_recipe(recipe, path)
    if endpoint is not None:
        return _remote(endpoint, adapter, sampling)
    base = required(recipe, "base_model", path)
    weights = adapters.find(recipe, path, adapter)
    if not weights.is_adapter:
        return _local(weights.folder, None, engine, sampling, batch_size)
    adapters.check_base(weights.folder, base, path)
    four_bit = bool(recipe.get("load_in_4bit"))
    return _local(base, weights.folder, engine, sampling, batch_size, four_bit)


def open_base(
    recipe: dict[str, Any],
    path: str | Path,
    *,
    endpoint: str | None = None,
    engine: Engine = "transformers",
    sampling: Sampling | None = None,
    batch_size: int = 64,
    trained: Model | None = None,
) -> Model:
    """Opens the model that a recipe began with.

    Args:
        recipe: What ``read_recipe`` gave.
        path: The recipe's file, for messages.
        endpoint: ``MODEL@URL`` of a server that has the base model.
        engine: What runs local weights.
        sampling: How tokens are drawn; None for the recipe's ``trl`` block.
        batch_size: Prompts that run together, by transformers.
        trained: What ``open_model`` gave. Where it is an adapter on the base, both share the
            weights in memory, and nothing is loaded again.

    Returns:
        The model.

    Raises:
        InputError: The base model cannot be loaded.
    """
    sampling = sampling or Sampling.from_recipe(recipe, path)
    if endpoint is not None:
        return _remote(endpoint, None, sampling)
    if getattr(trained, "has_adapter", False):
        return trained.without_adapter()  # type: ignore[union-attr]
    four_bit = bool(recipe.get("load_in_4bit"))
    base = required(recipe, "base_model", path)
    return _local(base, None, engine, sampling, batch_size, four_bit)


def _remote(endpoint: str, adapter: str | Path | None, sampling: Sampling) -> Model:
    from emp_tooling.models.endpoint import EndpointModel

    if adapter is not None:
        raise InputError("give an adapter or an endpoint, not both: the endpoint has its own")
    return EndpointModel.at(endpoint, sampling=sampling)


def _local(
    model: str | Path,
    adapter: Path | None,
    engine: str,
    sampling: Sampling,
    batch_size: int,
    four_bit: bool = False,
) -> Model:
    if engine not in ENGINES:
        raise InputError(f"engine: {engine!r}: {did_you_mean(engine, ENGINES)}")
    if engine == "vllm":
        from emp_tooling.models.vllm import VllmModel

        return VllmModel(model, adapter, sampling=sampling)
    from emp_tooling.models.local import LocalModel

    return LocalModel(model, adapter, sampling=sampling, batch_size=batch_size, four_bit=four_bit)
