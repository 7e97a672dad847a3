"""``emp report``: a page on one or several runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from emp_plugins.errors import InputError

EXAMPLES = """\b
Examples:
  emp report outputs/llama31_grpo
  emp report outputs/first outputs/second --out compare.html
  emp report build/tiny_grpo --eval build/evaluation.json --recipe recipes/tiny_grpo_empathy.yml
"""


@click.command(name="report", epilog=EXAMPLES)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--eval",
    "evaluations",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Result of emp eval; once for each run, in their order. By default what lies in the run.",
)
@click.option(
    "--recipe",
    "recipes",
    multiple=True,
    type=click.Path(path_type=Path),
    help="The recipe: once for all runs, or once for each. By default what the monitor recorded.",
)
@click.option(
    "--out",
    default="report.html",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The page, HTML.",
)
@click.option("--open", "show", is_flag=True, help="Open the page in the browser.")
def command(
    runs: tuple[Path, ...],
    evaluations: tuple[Path, ...],
    recipes: tuple[Path, ...],
    out: Path,
    show: bool,
) -> None:
    """Write one page on the RUNS of a training: warnings, curves, mood, replies, origin.

    A run is the output_dir of its recipe. The page loads nothing from elsewhere. It shows replies
    to clients only where the recipe kept them (empathy.monitor.completions).
    """
    from emp_tooling.report.build import write_report
    from emp_tooling.report.origin import half_written
    from emp_tooling.report.run import read_run
    from emp_tooling.report.sections.warnings import bad_news

    each = zip(
        runs, _spread("--eval", evaluations, runs), _spread("--recipe", recipes, runs), strict=True
    )
    found = [read_run(run, evaluation=result, recipe=recipe) for run, result, recipe in each]
    write_report(out, found)
    for run in found:
        if cut := half_written(run):
            noun = "line" if cut == 1 else "lines"
            click.echo(f"note: {run.name}: {cut} half-written {noun} skipped", err=True)
        for line, _ in bad_news(run):
            click.echo(f"{run.name}: {line}")
    click.echo(f"wrote {out}")
    if show:
        click.launch(str(out))


def _spread(option: str, given: Sequence[Path], runs: Sequence[Path]) -> Sequence[Path | None]:
    """One value for each run."""
    if not given:
        return [None] * len(runs)
    if len(given) == len(runs):
        return given
    if len(given) == 1 and option == "--recipe":
        return [given[0]] * len(runs)
    raise InputError(f"{option}: one for each run: {len(runs)}, not {len(given)}")
