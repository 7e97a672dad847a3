"""``emp eval``: the same held-out prompts to a model before and after its training."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from emp_plugins.files import atomic_write
from emp_tooling.recipe import read_recipe, required

EXAMPLES = """\b
Example:
  emp eval recipes/tiny_grpo_empathy.yml --prompts build/heldout.jsonl --out eval.json
"""


@click.command(name="eval", epilog=EXAMPLES)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--prompts", required=True, type=click.Path(path_type=Path), help="Prompts, JSONL.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Result, JSON.")
@click.option("--n", type=click.IntRange(min=1), help="Take only the first N prompts.")
@click.option(
    "--bank",
    type=click.Path(path_type=Path),
    help="Folder of the phrase bank that replies are compared with; without it the shipped one.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the sampling.")
@click.option("--batch-size", default=64, show_default=True, type=click.IntRange(min=1))
def command(
    recipe: Path,
    prompts: Path,
    out: Path,
    n: int | None,
    bank: Path | None,
    seed: int,
    batch_size: int,
) -> None:
    """Compare a recipe's model before and after training.

    Before is the recipe's base_model, after what the training left in its output_dir. Both reply
    to the same prompts, sampled as the recipe's trl block says.
    """
    from emp_datagen.bank import SHIPPED, load_bank
    from emp_datagen.jsonl import read_rows

    rows, held = read_rows(prompts, "prompt")[:n], load_bank(bank or SHIPPED)
    result = evaluate(recipe, rows, held, seed=seed, batch_size=batch_size)
    with atomic_write(out) as file:
        json.dump({"recipe": str(recipe), "prompts": str(prompts), **result}, file, indent=2)
    for side in ("before", "after"):
        numbers = result[side]
        click.echo(
            f"{side}: well-formed {numbers['well_formed']:.1%}, "
            f"clinical error {numbers['clinical_error']:.1%}, good {numbers['good']:.1%}, "
            f"total reward {numbers['reward_total']:.3f}"
        )


def evaluate(
    path: Path, rows: list[dict[str, Any]], bank: Any, *, seed: int = 0, batch_size: int = 64
) -> dict[str, Any]:
    """Samples and measures both sides.

    Args:
        path: The recipe.
        rows: Prompt rows.
        bank: The phrase bank (`emp_datagen.bank.Bank`) that replies are compared with.
        seed: Seed of the sampling and of the bootstrap.
        batch_size: Prompts that run together.

    Returns:
        ``seed``, the measurements ``before`` and ``after``, and the ``completions`` of each.

    Raises:
        InputError: The recipe is wrong, or a model is missing.
    """
    from emp_plugins.completion import Template
    from emp_plugins.config import EmpathyConfig
    from emp_plugins.messages import with_system
    from emp_plugins.rewards import build
    from emp_tooling.evaluate.generate import Sampling
    from emp_tooling.evaluate.measure import measure

    recipe = read_recipe(path)
    sampling = Sampling.from_recipe(recipe, path)
    config = EmpathyConfig.from_recipe(recipe)
    template = config.resolved_template if config else Template()
    rewards = build(config) if config else []
    rows = [{**row, "prompt": with_system(row["prompt"], template)} for row in rows]
    messages = [row["prompt"] for row in rows]
    result: dict[str, Any] = {"seed": seed, "completions": {}}
    for side, generator, adapter in _sides(recipe, path):
        replies = generator.generate(
            messages,
            sampling,
            seed=seed,
            batch_size=batch_size,
            adapter=adapter,
            progress=_progress(side, len(messages)),
        )
        result[side] = measure(rows, replies, template, rewards, bank, seed=seed).to_json()
        result["completions"][side] = replies
    return result


def _sides(recipe: dict[str, Any], path: Path) -> Iterator[tuple[str, Any, bool]]:
    from emp_tooling.evaluate.generate import Generator

    base, trained = required(recipe, "base_model", path), required(recipe, "output_dir", path)
    if recipe.get("adapter"):
        both = Generator(base, adapter=trained)
        yield "before", both, False
        yield "after", both, True
    else:
        yield "before", Generator(base), False
        yield "after", Generator(trained), False


def _progress(side: str, each: int) -> Any:
    # One count over both sides; `emp demo` reads these lines from the log.
    offset = 0 if side == "before" else each
    return lambda done, total: click.echo(f"progress {offset + done}/{2 * each} prompts", err=True)
