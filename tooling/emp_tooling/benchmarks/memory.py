"""``python -m emp_tooling.benchmarks.memory``: the memory estimate against measured peaks."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from emp_plugins.check.architectures import find
from emp_plugins.check.memory import CONTEXT, GIB, Estimate, estimate
from emp_plugins.check.recipe import Recipe
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

PROBE = "emp_tooling.benchmarks.memory_probe"

LIMIT_S = 3600
"""Seconds after which a run is given up; the first one may have to fetch the model."""

KEPT = {
    "save_strategy": "no",
    "num_epochs": 1,
    "auto_resume_from_checkpoints": False,
    "val_set_size": 0,
    "logging_steps": 1,
}
"""What a short run needs instead of what the recipe says."""

UNWANTED = ("save_steps", "saves_per_epoch", "eval_steps", "evals_per_epoch", "test_datasets")
"""Keys that would save or evaluate."""


@click.command()
@click.argument("recipes", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--world-size", default=1, show_default=True, help="GPUs that train.")
@click.option("--steps", default=3, show_default=True, type=click.IntRange(2), help="Of each run.")
@click.option("--parts", is_flag=True, help="Show each part with its formula.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Write the figures here.")
def command(
    recipes: tuple[Path, ...], world_size: int, steps: int, parts: bool, target: Path | None
) -> None:
    """Estimates what each recipe takes, and trains a few steps of it where there is a CUDA GPU.

    Without a GPU the estimates are shown as unverified. With one, what PyTorch measures stands
    beside them: what is there between two steps, the peak in use, and the peak that its allocator
    holds. The data and the base model must be at hand.
    """
    from rich.console import Console

    try:
        rows = [row(path, world_size) for path in recipes]
    except InputError as error:
        raise click.ClickException(str(error)) from None
    gpu = graphics_card()
    if gpu is not None and world_size == 1:
        for each, path in zip(rows, recipes, strict=True):
            each["measured"] = measure(path, steps)
    console = Console(width=120)
    console.print(*tables(rows, gpu, parts), sep="\n")
    if target is not None:
        with atomic_write(target) as file:
            json.dump({"gpu": gpu, "recipes": rows}, file, indent=2)


def row(path: Path, world_size: int = 1) -> dict[str, Any]:
    """The estimate of one recipe.

    Args:
        path: The recipe.
        world_size: GPUs that train.

    Returns:
        ``recipe``, ``base_model``, ``length`` (tokens), ``parts`` (name, bytes, phase, formula),
        ``resident`` (bytes between two steps), ``peak`` (bytes in use), both without the CUDA
        context, and ``total`` (bytes of the card); for an unknown architecture the first two.

    Raises:
        InputError: The recipe cannot be read.
    """
    recipe = Recipe.read(path, world_size)
    base = str(recipe.get("base_model"))
    architecture = find(base)
    found = estimate(recipe, architecture) if architecture is not None else None
    head = {"recipe": path.stem, "base_model": base}
    return head if found is None else {**head, **sizes(found)}


def sizes(found: Estimate) -> dict[str, Any]:
    """An estimate in the terms of what PyTorch can measure.

    Args:
        found: The estimate.

    Returns:
        See ``row``.
    """
    own = [part for part in found.parts if part.name not in ("CUDA context", "allocator", "vLLM")]
    always = [part for part in own if part.phase == "always"]
    in_phase = [part for part in own if part.phase == found.phase]
    peak = sum(part.bytes for part in [*always, *in_phase])
    parts = [
        {"name": part.name, "bytes": part.bytes, "phase": part.phase, "formula": part.formula}
        for part in found.parts
    ]
    return {
        "length": found.length,
        "parts": parts,
        "resident": sum(part.bytes for part in always if part.name != "gradients"),
        "peak": peak,
        "total": found.bytes,
    }


def graphics_card() -> str | None:
    """The name of the first CUDA GPU, or None without one."""
    try:
        import torch
    except ImportError:
        return None
    return torch.cuda.get_device_name() if torch.cuda.is_available() else None


def measure(path: Path, steps: int) -> dict[str, Any]:
    """Trains a few steps in a process of its own.

    Args:
        path: The recipe.
        steps: Steps; the first one still loads kernels and makes the optimizer's states.

    Returns:
        ``resident``, ``allocated`` and ``reserved`` in bytes, or ``failed`` with the last line of
        what went wrong, for example because the data or the base model is not at hand.
    """
    import yaml

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        short = shortened(Recipe.read(path).data, steps, folder)
        (folder / "recipe.yml").write_text(yaml.safe_dump(dict(short)), encoding="utf-8")
        result = folder / "memory.json"
        run = [sys.executable, "-m", PROBE, str(folder / "recipe.yml"), str(result)]
        try:
            done = subprocess.run(run, capture_output=True, text=True, timeout=LIMIT_S)
        except subprocess.TimeoutExpired:
            return {"failed": f"not done after {LIMIT_S} s"}
        if done.returncode or not result.is_file():
            lines = [line for line in done.stderr.splitlines() if line.strip()]
            return {"failed": lines[-1].strip() if lines else f"exit {done.returncode}"}
        return json.loads(result.read_text(encoding="utf-8"))


def shortened(recipe: Mapping[str, Any], steps: int, folder: Path) -> dict[str, Any]:
    """A recipe that trains a few steps and writes into a folder that is thrown away.

    Args:
        recipe: The recipe.
        steps: Steps.
        folder: Where its outputs go.

    Returns:
        A changed copy.

    Example:
        >>> short = shortened({"max_steps": 1000, "save_steps": 50}, 3, Path("/tmp/x"))
        >>> short["max_steps"], "save_steps" in short, short["output_dir"]
        (3, False, '/tmp/x/out')
    """
    kept = {key: value for key, value in recipe.items() if key not in UNWANTED}
    return {**kept, **KEPT, "max_steps": steps, "output_dir": str(folder / "out")}


def tables(rows: list[dict[str, Any]], gpu: str | None, parts: bool) -> list[Any]:
    """The figures for people.

    Args:
        rows: One for each recipe, as ``row`` gives them, ``measured`` added where it was.
        gpu: Name of the GPU.
        parts: Whether to show the parts.

    Returns:
        What rich can print.
    """
    from rich.table import Column, Table

    heads = ("tokens", "between steps", "peak", "card", "measured", "peak off by")
    table = Table(Column("recipe", no_wrap=True), *heads)
    for each in rows:
        table.add_row(*cells(each))
    shown: list[Any] = [table]
    for each in rows if parts else []:
        detail = Table("part", "GiB", "when", "formula", title=each["recipe"])
        for part in each.get("parts", []):
            size = f"{part['bytes'] / GIB:.2f}"
            detail.add_row(part["name"], size, part["phase"], part["formula"])
        shown.append(detail)
    context = f"the CUDA context ({CONTEXT / GIB:.1f} GiB) and spare blocks are in card only"
    measured = any("measured" in each for each in rows)
    trust = f"measured on {gpu}" if measured else "no run was measured, so all of it is unverified"
    return [*shown, f"GiB; {context}; {trust}"]


def cells(each: Mapping[str, Any]) -> list[str]:
    """One row of the table.

    Args:
        each: What ``row`` gives, ``measured`` added where it was.

    Returns:
        The texts of its cells.
    """
    head = [each["recipe"]]
    if "total" not in each:
        return [*head, "", "", "", f"{each['base_model']} is not known here", "", ""]
    estimated = [f"{each[key] / GIB:.1f}" for key in ("resident", "peak", "total")]
    shown = [*head, f"{each['length']:,}", *estimated]
    found = each.get("measured")
    if found is None:
        return [*shown, "unverified", ""]
    if "failed" in found:
        return [*shown, found["failed"], ""]
    measured = " / ".join(
        f"{found[key] / GIB:.1f}" for key in ("resident", "allocated", "reserved")
    )
    return [*shown, measured, f"{each['peak'] / found['allocated'] - 1:+.0%}"]


if __name__ == "__main__":
    command()
