"""Curves of rewards and of the training's health, trainer and held-out set in one chart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emp_plugins.monitor.health import bands
from emp_tooling.evaluate.words import title
from emp_tooling.pages.charts import Series, line_chart, side_by_side
from emp_tooling.pages.page import Section
from emp_tooling.pages.texts import paragraph
from emp_tooling.report.curves import Curve, reward_curves
from emp_tooling.report.run import Run

Bands = Mapping[str, tuple[float | None, float | None]]


HEALTH = (
    Curve("KL from the start", "kl"),
    Curve("Entropy", "entropy"),
    Curve("Gradient norm", "grad_norm"),
    Curve("Groups without a signal", "frac_reward_zero_std"),
    Curve("Reply length, tokens", "completions/mean_length"),
    Curve("Replies cut off", "completions/clipped_ratio"),
    Curve("Loss", "loss"),
    Curve("Loss on held-out data", "eval_loss"),
    Curve("Pairs ranked right", "rewards/accuracies"),
    Curve("Margin between pairs", "rewards/margins"),
    Curve(title("well_formed"), "structure/well_formed", "well_formed"),
    Curve(title("acknowledgement"), "", "acknowledgement"),
    Curve(title("safe"), "", "safe"),
    Curve(title("risk_handled"), "", "risk_handled"),
    Curve(title("distinct"), "", "distinct"),
    Curve(title("words"), "", "words"),
)


def sections(runs: Sequence[Run]) -> Iterator[Section]:
    """Rewards, then what tells whether they can be trusted.

    Args:
        runs: One or several.

    Yields:
        Two sections; a run without rewards leaves the first out.
    """
    rewards = [Curve("Total reward", "reward", "reward_total"), *reward_curves(runs)]
    parts = (
        ("rewards", "Rewards", rewards, "No reward was logged."),
        ("health", "Health of the training", HEALTH, "Nothing was logged."),
    )
    for anchor, heading, curves, nothing in parts:
        charts = [chart for curve in curves if (chart := draw(curve, runs))]
        html = side_by_side(charts) if charts else paragraph(nothing)
        yield Section(anchor, heading, html, _intro(runs))


def draw(curve: Curve, runs: Sequence[Run]) -> str:
    """The chart of a curve.

    Args:
        curve: What to show.
        runs: One or several.

    Returns:
        A ``<figure>``; empty where no run has a value.
    """
    series = [
        one
        for place, run in enumerate(runs)
        for one in (_logged(curve, run, place, len(runs)), _measured(curve, run, place, len(runs)))
        if one
    ]
    if not series:
        return ""
    healthy: Bands = bands(runs[0].settings)
    band = healthy.get(curve.log) or healthy.get(curve.measure)
    return line_chart(series, title=curve.title, bands=band)


def _logged(curve: Curve, run: Run, place: int, count: int) -> Series | None:
    points = run.logs.series(curve.log) if curve.log else []
    if not points:
        return None
    name = run.name if count > 1 else "in training"
    return Series(name, points, color=place, smooth=len(points) > 3)


def _measured(curve: Curve, run: Run, place: int, count: int) -> Series | None:
    figures = [
        (point.step, point.figures[curve.measure])
        for point in run.points
        if curve.measure in point.figures
    ]
    if not figures:
        return None
    return Series(
        name=f"{run.name}, held out" if count > 1 else "held out",
        points=[(step, figure.mean) for step, figure in figures],
        low=[figure.low for _, figure in figures],
        high=[figure.high for _, figure in figures],
        color=place if count > 1 else 1,
    )


def _intro(runs: Sequence[Run]) -> str:
    said = "In training: each logged step thin, the running mean thick."
    if any(run.points for run in runs):
        said += " Held out: the monitor's prompts, with 95 % intervals."
    return said
