"""``emp calibrate``: fits what turns a judge's scores into values in [0, 1]."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import atomic_write

if TYPE_CHECKING:
    import numpy as np

    from emp_tooling.labels import Labelled

PAIRS = ("llm", "similarity")
"""Kinds of judges that read a client's text and a reply."""

# \b keeps click from joining the lines that follow.
EXAMPLES = """\b
Examples:
  emp calibrate recipes/mine.yml --judge empathy --labels rated.csv --out calib.yml
  emp calibrate recipes/mine.yml --judge emotion --column caring --embedded \\
      --labels rated.csv --low 1 --high 5 --out calib.yml
  emp calibrate recipes/mine.yml --judge similarity --fixed --labels texts.csv --out calib.yml
"""


@click.command(name="calibrate", epilog=EXAMPLES)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--judge", "kind", required=True, help="Kind of judge, as under empathy.judges.")
@click.option("--column", help="Which output, where the judge has several (emotion: caring).")
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
) -> None:
    """Fit a judge's calibration to experts' labels.

    Scores the texts with the recipe's judge, fits the monotone map from score to label (isotonic
    regression, needs scikit-learn: pip install 'empathy-recipes[fit]') and writes the calibration
    block to paste under a reward, or to name there as `file:`. Prints how label goes with score
    and the error on texts that a fit did not see.
    """
    from emp_tooling import calibration
    from emp_tooling.labels import read_labels

    data = read_labels(labels, client=kind in PAIRS, label=not fixed)
    if not fixed:
        calibration.enough_labels(len(data), labels)
    elif low is not None or high is not None:
        raise InputError("--low and --high: the scale of labels, which --fixed does not read")
    judge = load_judge(recipe, kind, embedded)
    scores = judge_scores(judge, kind, column, data)
    what = f"{kind}{f'.{column}' if column else ''}, {len(data)} texts"
    if fixed:
        block = calibration.measure_fixed(scores, temperature)
        click.echo(f"{what}: mean {block['mean']}, deviation {block['deviation']}")
    else:
        targets = calibration.unit_labels(data.labels, low, high, labels)
        found = calibration.fit_isotonic(scores, targets, seed)
        bounds = getattr(judge, "range", None) or (float(scores.min()), float(scores.max()))
        click.echo(calibration.report(scores, targets, found, bounds, temperature))
        block = {"method": "isotonic", "x": found.x, "y": found.y}
    _write(out, block, what)
    click.echo(f"wrote {out}")


def load_judge(recipe: Path, kind: str, embedded: bool) -> Any:
    """The judge that a recipe names; its other settings may still be incomplete.

    Args:
        recipe: The recipe's file.
        kind: Kind of judge.
        embedded: Take the embedded one instead.

    Returns:
        The judge.

    Raises:
        InputError: The recipe or the block is wrong, the judge cannot be loaded or lacks a package.
    """
    from emp_plugins import judges
    from emp_tooling.recipe import block, read_recipe

    empathy = block(read_recipe(recipe), "empathy", recipe)
    settings = block(empathy, "judges", recipe).get(kind, {"backend": "embedded"})
    if embedded:
        settings = {"backend": "embedded"}
    try:
        spec = judges.read_spec(kind, settings, (f"{recipe}: empathy", "judges"))
        return judges.load(kind, spec)
    except ImportError as error:
        raise InputError(f"judge {kind}: {error}; pip install 'empathy-recipes[judges]'") from None


def judge_scores(judge: Any, kind: str, column: str | None, data: Labelled) -> np.ndarray:
    """Scores the texts.

    Args:
        judge: Any judge.
        kind: Its kind; those of ``PAIRS`` get client and text.
        column: Which output, where there are several.
        data: The texts.

    Returns:
        (N,) finite scores.

    Raises:
        InputError: The column is missing or unknown, or a score is not finite.
    """
    import numpy as np

    pairs = list(zip(data.clients, data.texts, strict=True))
    scores = np.asarray(judge.score(pairs if kind in PAIRS else data.texts), dtype=float)
    if scores.ndim == 2:
        names = list(getattr(judge, "labels", ()) or map(str, range(scores.shape[1])))
        if column not in names:
            problem = (
                f"{column!r} is none of its outputs" if column else "choose one of its outputs"
            )
            raise InputError(f"--column: {problem}; {did_you_mean(column or '', names)}")
        scores = scores[:, names.index(column)]
    elif column:
        raise InputError(f"--column: judge {kind} has one output; leave the option out")
    if not np.isfinite(scores).all():
        missing = np.flatnonzero(~np.isfinite(scores))
        raise InputError(
            f"judge {kind}: no score for {len(missing)} of {len(scores)} distinct texts, the first "
            f"is number {missing[0] + 1}; leave those out or try again"
        )
    return scores


def _write(out: Path, block: dict[str, Any], what: str) -> None:
    import yaml

    text = yaml.safe_dump({"calibration": block}, sort_keys=False, default_flow_style=None)
    with atomic_write(out) as file:
        file.write(f"# Written by emp calibrate: {what}.\n{text}")
