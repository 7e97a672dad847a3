"""Packages that a recipe needs beside Axolotl and that are not installed here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import metadata
from typing import Any, NamedTuple

from emp_plugins.check.finding import Finding
from emp_plugins.check.imports.modules import installed
from emp_plugins.check.recipe import KeyPath, Recipe

JUDGES = "pip install 'empathy-recipes[judges]'"
VLLM = "pip install -e '.[train,vllm]' in an environment of its own, with torch 2.11"
FLASH = "pip install flash-attn --no-build-isolation"
TRACKIO = (0, 21, 2)
"""The first version that ran."""

BACKENDS = {"hf": "transformers", "cross_encoder": "sentence_transformers", "openai": "httpx"}
"""Backend of a judge -> the package that it needs."""


class Need(NamedTuple):
    """A package, and the value of a key that asks for it."""

    key: KeyPath
    asks: Callable[[Any], bool]
    package: str
    command: str


def _given(value: Any) -> bool:
    return bool(value)


def _qlora(value: Any) -> bool:
    return str(value).lower() == "qlora"


def _flash(value: Any) -> bool:
    return str(value).startswith("flash_attention")


NEEDS = (
    Need(("trl", "use_vllm"), _given, "vllm", VLLM),
    Need(("deepspeed",), _given, "deepspeed", "pip install deepspeed"),
    Need(("adapter",), _qlora, "bitsandbytes", "pip install bitsandbytes"),
    Need(("load_in_8bit",), _given, "bitsandbytes", "pip install bitsandbytes"),
    Need(("use_ray",), _given, "ray", "pip install 'empathy-recipes[ray]'"),
    Need(("flash_attention",), _given, "flash_attn", FLASH),
    Need(("attn_implementation",), _flash, "flash_attn", FLASH),
    Need(("xformers_attention",), _given, "xformers", "pip install xformers"),
    Need(("wandb_project",), _given, "wandb", "pip install wandb"),
    Need(("use_wandb",), _given, "wandb", "pip install wandb"),
    Need(("trackio_project_name",), _given, "trackio", "pip install trackio"),
    Need(("use_trackio",), _given, "trackio", "pip install trackio"),
    Need(("use_tensorboard",), _given, "tensorboard", "pip install tensorboard"),
    Need(("use_mlflow",), _given, "mlflow", "pip install mlflow"),
    Need(("use_comet",), _given, "comet_ml", "pip install comet-ml"),
    Need(("use_swanlab",), _given, "swanlab", "pip install swanlab"),
)


def missing_packages(recipe: Recipe) -> Iterator[Finding]:
    """What to install before this recipe runs here.

    Args:
        recipe: The recipe.

    Yields:
        A note for each package: the recipe may be right and this a laptop. An error for one that
        is too old.
    """
    yield from _trackio(recipe)
    told: set[str] = set()
    for need in (*NEEDS, *_judges(recipe)):
        if need.asks(recipe.get(*need.key)) and need.package not in told | {""}:
            told.add(need.package)
            if not installed(need.package):
                message = f"needs {need.package}, which is not installed here"
                yield recipe.finding(need.key, message, severity="note", suggestion=need.command)


def _trackio(recipe: Recipe) -> Iterator[Finding]:
    """The Trackio that Axolotl pins does not know the ``bucket_id`` of its transformers."""
    try:
        version = metadata.version("trackio")
    except metadata.PackageNotFoundError:
        return
    parts = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    key = next((key for key in ("trackio_project_name", "use_trackio") if recipe.get(key)), None)
    if key and parts < TRACKIO:
        yield recipe.finding(
            (key,),
            f"trackio {version} fails when the run starts, and Axolotl pins it",
            suggestion="use use_tensorboard: true or wandb_project",
        )


def _judges(recipe: Recipe) -> Iterator[Need]:
    block = recipe.get("empathy", "judges")
    for kind in block if isinstance(block, dict) else ():
        backend = recipe.get("empathy", "judges", kind, "backend")
        package = BACKENDS.get(backend, "") if isinstance(backend, str) else ""
        yield Need(("empathy", "judges", kind), _given, package, JUDGES)
