"""``emp demo``: the whole job on a tiny model, from personas to a report."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write
from emp_tooling.recipe import read_recipe, relocate
from emp_tooling.screen import run_all
from emp_tooling.steps import Step
from emp_tooling.tiny import DEMO_BANK, PERSONAS

SFT, GRPO = "tiny_sft.yml", "tiny_grpo_empathy.yml"
RECIPE_BUILD = "build"
EVALUATION = "evaluation"
HEADLINES = ("well_formed", "clinical_error", "good", "known", "distinct", "reward_total")
GROUPS = ("reward/", "errors/")
HELD_OUT_SEED = 1000
RISK_SHARE = "0.25"  # of the pairs; at as many prompts GRPO learns to run the protocol for everyone
NEEDS = {"axolotl": "train", "distilabel": "datagen"}
QUIET = {
    "AXOLOTL_DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "PYTHONUNBUFFERED": "1",
    "TOKENIZERS_PARALLELISM": "false",
}
# Several threads fight over busy cores, and a model this small samples quickly with one.
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
MAX_THREADS = 4  # tried with one and two; a bound for machines with many cores


EXAMPLES = """\b
Example:
  emp demo --seed 1 --build build/seed1
"""


@click.command(name="demo", epilog=EXAMPLES)
@click.option("--seed", default=0, show_default=True, help="Seed of data, training and sampling.")
@click.option("--build", default="build", show_default=True, help="Folder for everything made.")
@click.option(
    "--recipes",
    default="recipes",
    show_default=True,
    type=click.Path(path_type=Path),
    help=f"Folder of {SFT} and {GRPO}.",
)
def command(seed: int, build: str, recipes: Path) -> None:
    """Run the whole job on a tiny model and report on it.

    Generates preference pairs and prompts, trains a tiny model from nothing to an unaligned
    start, aligns it with the empathy rewards, and measures both on held-out situations. Steps
    whose results are there already are not run again.
    """
    from rich.console import Console

    check_installed()
    console = Console(highlight=False)
    folder = Path(build)
    placed = place_recipes(recipes, folder)
    plan = steps(folder, placed, seed)
    with _terminated_as_exit():
        seconds = run_all(plan, folder, console)
    result = finish(folder, placed[GRPO], seconds, seed)
    console.print(_table(result))
    console.print(f"Report:  {folder / 'report.html'}\nNumbers: {folder / 'demo.json'}")


def check_installed() -> None:
    """Refuses to start without the packages of the steps.

    Raises:
        InputError: One is missing; names the extra that brings it.
    """
    for package, extra in NEEDS.items():
        if importlib.util.find_spec(package) is None:
            raise InputError(
                f"the demo needs {package}, which is not installed: "
                f"pip install 'empathy-recipes[{extra}]'"
            )


def place_recipes(recipes: Path, folder: Path) -> dict[str, Path]:
    """The recipes to run, rewritten where they would write to another folder.

    Args:
        recipes: Folder of the shipped recipes, whose paths begin with ``build/``.
        folder: Folder for everything made.

    Returns:
        Path of each recipe by file name.

    Raises:
        InputError: A recipe is missing or no mapping.
    """
    import yaml

    placed = {}
    for name in (SFT, GRPO):
        recipe, path = read_recipe(recipes / name), recipes / name
        if folder != Path(RECIPE_BUILD):
            path = folder / "recipes" / name
            with atomic_write(path) as file:
                yaml.safe_dump(relocate(recipe, RECIPE_BUILD, str(folder)), file, sort_keys=False)
        placed[name] = path
    return placed


def steps(folder: Path, recipes: dict[str, Path], seed: int) -> list[Step]:
    """The steps in the order of running.

    Args:
        folder: Folder for everything made.
        recipes: Path of each recipe by file name.
        seed: Seed of everything.

    Returns:
        The steps.
    """
    sft, grpo = recipes[SFT], recipes[GRPO]
    pairs, prompts, heldout = (folder / f"{n}.jsonl" for n in ("pairs", "prompts", "heldout"))
    unaligned, tiny = folder / "unaligned.jsonl", folder / "tiny"
    start, aligned = (Path(read_recipe(path)["output_dir"]) for path in (sft, grpo))
    datagen, plugins = _package("emp_datagen"), _package("emp_plugins")
    tooling, templates = _package("emp_tooling"), _template(grpo)
    return [
        _data(
            *("pairs", pairs, 3000, seed, "train"),
            *("--structure", "--no-judge", "--risk-share", RISK_SHARE),
        ),
        _data("prompts", prompts, 600, seed, "train"),
        _data("prompts", heldout, 200, seed + HELD_OUT_SEED, "heldout"),
        Step(
            "tiny",
            (
                *("emp", "tiny", "--out", str(tiny), "--pairs", str(pairs)),
                *("--unaligned", str(unaligned), "--seed", str(seed)),
            ),
            outputs=(tiny, unaligned),
            inputs=(pairs, tooling / "tiny.py", DEMO_BANK, datagen),
        ),
        _train("sft", sft, start, seed, (unaligned, tiny)),
        _train("grpo", grpo, aligned, seed, (prompts, start, plugins, *templates)),
        Step(
            "evaluate",
            (
                *("emp", "eval", str(grpo), "--prompts", str(heldout), "--bank", str(DEMO_BANK)),
                *("--only", "single", "--exit-zero", "--seed", str(seed)),
                *("--out", str(folder / EVALUATION)),
            ),
            outputs=(folder / EVALUATION,),
            inputs=(
                *(grpo, heldout, start, aligned, *templates),
                *(plugins, datagen, tooling / "evaluate", DEMO_BANK),
            ),
            env={**QUIET, **ONE_THREAD},
        ),
    ]


def finish(folder: Path, recipe: Path, seconds: dict[str, float], seed: int) -> dict[str, Any]:
    """Writes ``demo.json`` and ``report.html`` from what the steps made.

    Args:
        folder: Folder for everything made.
        recipe: The recipe of the alignment.
        seconds: How long each step took.
        seed: Seed of everything.

    Returns:
        What ``demo.json`` holds.
    """
    from emp_tooling.report.build import write_report
    from emp_tooling.report.run import read_run

    started = time.monotonic()
    run = read_run(read_recipe(recipe)["output_dir"], recipe=recipe, evaluation=folder / EVALUATION)
    write_report(
        folder / "report.html",
        [run],
        title="A tiny model before and after alignment",
        subtitle=f"{recipe} · seed {seed}",
        seconds=seconds,
    )
    seconds = {**seconds, "report": round(time.monotonic() - started, 1)}
    seconds["total"] = round(sum(seconds.values()), 1)
    measures = run.evaluation.measures
    result = {
        "before": {one.name: one.base for one in measures},
        "after": {one.name: one.model for one in measures},
        "intervals": {one.name: one.model_ends for one in measures if one.model_ends},
        "seconds": seconds,
        "seed": seed,
    }
    with atomic_write(folder / "demo.json") as file:
        json.dump(result, file, indent=2)
    return result


def _data(verb: str, out: Path, n: int, seed: int, split: str, *more: str) -> Step:
    drawn = ("--personas", ",".join(PERSONAS), "--split", split, "--n", str(n), "--turns", "1")
    # What an earlier run of this step left half done must not be gone on with.
    made = ("--seed", str(seed), "--overwrite", "--out", str(out))
    return Step(
        out.stem,
        ("emp-datagen", verb, *drawn, "--header", "short", "--bank", str(DEMO_BANK), *more, *made),
        outputs=(out,),
        inputs=(_package("emp_datagen"), _package("emp_plugins"), DEMO_BANK),
        env=QUIET,
    )


def _train(name: str, recipe: Path, out: Path, seed: int, inputs: tuple[Path, ...]) -> Step:
    return Step(
        name,
        ("axolotl", "train", str(recipe), "--seed", str(seed)),
        outputs=(out,),
        inputs=(recipe, *inputs),
        # accelerate would start one thread on a machine without a GPU
        env={**QUIET, "OMP_NUM_THREADS": str(min(os.cpu_count() or 1, MAX_THREADS))},
    )


def _template(recipe: Path) -> tuple[Path, ...]:
    template = (read_recipe(recipe).get("empathy") or {}).get("template")
    return (Path(template),) if template else ()


def _package(name: str) -> Path:
    return Path(importlib.import_module(name).__file__).parent


def _table(result: dict[str, Any]) -> Any:
    from rich.table import Table

    from emp_tooling.evaluate.words import number, title

    table = Table(title="Held-out situations, before and after alignment")
    for name in ("measure", "before", "after", "after, 95 %"):
        table.add_column(name, justify="left" if name == "measure" else "right")
    before, after, ends = result["before"], result["after"], result["intervals"]
    for name in (*HEADLINES, *(name for name in before if name.startswith(GROUPS))):
        if before.get(name) or after.get(name) or name in HEADLINES and name in before:
            cells = [before[name], after[name], *ends.get(name, ())]
            first, then, *interval = ("" if v is None else number(v, name) for v in cells)
            table.add_row(title(name), first, then, " to ".join(interval))
    return table


@contextlib.contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """A demo that is told to stop takes the running step with it."""

    def leave(*_: Any) -> None:
        raise SystemExit(128 + signal.SIGTERM)

    old = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)
