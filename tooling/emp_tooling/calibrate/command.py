"""``emp calibrate``: fits what turns a judge's scores into values in [0, 1]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

# \b keeps click from joining the lines that follow.
EXAMPLES = """\b
Examples:
  emp calibrate recipes/mine.yml --judge emotion --column polarity --embedded \\
      --labels rated.csv --out polarity.yml --html curve.html
  emp calibrate recipes/mine.yml --judge emotion --column caring --embedded \\
      --labels rated.csv --low 1 --high 5 --out calib.yml
  emp calibrate recipes/mine.yml --judge similarity --fixed --labels texts.csv --out calib.yml
  # a judge of the recipe's own, here judges: {empathy: {backend: hf, model: …}}
  emp calibrate recipes/mine.yml --judge empathy --labels rated.csv --out calib.yml
"""


@click.command(name="calibrate", epilog=EXAMPLES)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--judge", "kind", required=True, help="Kind of judge, as under empathy.judges.")
@click.option(
    "--column",
    help="Which output, where the judge has several (emotion: caring, or polarity, temper, …).",
)
@click.option("--embedded", is_flag=True, help="The embedded judge, whatever the recipe names.")
@click.option(
    "--labels",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV: text, label (not with --fixed), client (for similarity and llm).",
)
@click.option("--low", type=float, help="Lowest label of the scale; the lowest seen by default.")
@click.option("--high", type=float, help="Highest label; the highest seen by default.")
@click.option("--fixed", is_flag=True, help="Measure mean and deviation instead; no labels needed.")
@click.option(
    "--temperature",
    default=0.6,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    help="For --fixed, and for method range in the comparison.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the folds.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The block, YAML.")
@click.option(
    "--html", type=click.Path(path_type=Path), help="Also draw the reliability curve on a page."
)
def command(
    recipe: Path,
    kind: str,
    column: str | None,
    embedded: bool,
    labels: Path,
    low: float | None,
    high: float | None,
    fixed: bool,
    temperature: float,
    seed: int,
    out: Path,
    html: Path | None,
) -> None:
    """Fit a judge's calibration to experts' labels.

    Scores the texts with the recipe's judge, fits the monotone map from score to label (isotonic
    regression, needs scikit-learn: pip install 'empathy-recipes[fit]') and writes the calibration
    block to paste under a reward, or to name there as `file:`. Shows the reliability curve, how
    label goes with score, and the errors on texts that a fit did not see; both stand in the file
    too, where `emp report` finds them.
    """
    from emp_tooling.calibrate import fit
    from emp_tooling.calibrate.judged import PAIRS, judge_scores, load_judge, score_range
    from emp_tooling.labels import read_labels

    data = read_labels(labels, client=kind in PAIRS, label=not fixed)
    if not fixed:
        fit.enough_labels(len(data), labels)
    else:
        _refuse(low, high, html)
    judge, matrix = load_judge(recipe, kind, embedded)
    scores = judge_scores(judge, kind, column, data, matrix)
    what = f"{kind}{f'.{column}' if column else ''}, {len(data)} texts"
    if fixed:
        block = fit.measure_fixed(scores, temperature)
        click.echo(f"{what}: mean {block['mean']}, deviation {block['deviation']}")
        document = {"calibration": block}
    else:
        targets = fit.unit_labels(data.labels, low, high, labels)
        bounds = score_range(judge, column, scores)
        found = fit.fit_isotonic(scores, targets, seed)
        document = _fitted(scores, targets, found, bounds, temperature, what, html)
    _write(out, document, what)
    for path in filter(None, (out, html)):
        click.echo(f"wrote {path}")


def _refuse(low: float | None, high: float | None, html: Path | None) -> None:
    if low is not None or high is not None:
        raise InputError("--low and --high: the scale of labels, which --fixed does not read")
    if html is not None:
        raise InputError("--html: draws scores against labels, which --fixed does not read")


def _fitted(
    scores: Any,
    targets: Any,
    found: Any,
    bounds: tuple[float, float],
    temperature: float,
    what: str,
    html: Path | None,
) -> dict[str, Any]:
    """Shows how a fit holds; gives what to store."""
    from emp_tooling.calibrate import page, terminal
    from emp_tooling.calibrate.reliability import reliability

    known = reliability(scores, targets, found, bounds, temperature)
    terminal.show(known, found)
    if html is not None:
        page.write(html, what, known, found)
    block = {"method": "isotonic", "x": found.x, "y": found.y}
    return {"calibration": block, **known.to_document()}


def _write(out: Path, document: dict[str, Any], what: str) -> None:
    import yaml

    text = yaml.safe_dump(document, sort_keys=False, default_flow_style=None)
    with atomic_write(out) as file:
        file.write(f"# Written by emp calibrate: {what}.\n{text}")
