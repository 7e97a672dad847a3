"""The reliability curve and the errors as an HTML page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from emp_tooling.calibrate import words
from emp_tooling.calibrate.fit import FOLDS, Fit
from emp_tooling.calibrate.reliability import Bin, Reliability
from emp_tooling.pages import texts
from emp_tooling.pages.charts import Series, line_chart
from emp_tooling.pages.page import Section, write_page
from emp_tooling.pages.tables import Cell, table

ABOUT = (
    "A calibration says what a judge's score is worth in the eyes of the people who labeled the "
    "texts. It is a research aid and holds for texts and raters like these; it is no measure of "
    "a person."
)


def write(path: str | Path, what: str, found: Reliability, fit: Fit) -> None:
    """Writes the page.

    Args:
        path: The file; it is there whole or not at all.
        what: Judge and number of texts, plain text.
        found: How the fit holds.
        fit: The fit.
    """
    summary = texts.paragraph(_sentence(words.gain(found)))
    if found.warning:
        summary += texts.paragraph(_sentence(found.warning))
    sections = [
        Section("summary", "In words", summary, ABOUT, "bad" if found.warning else "good"),
        Section("curve", "Reliability curve", _curve(found, fit) + _bins(found.bins)),
        Section("errors", "Errors", _errors(found), _explained()),
    ]
    write_page(path, "Calibration of a judge", f"{what}.", sections)


def _curve(found: Reliability, fit: Fit) -> str:
    labels = Series(
        "mean label of a bin, 95 % interval",
        [(one.score, one.label) for one in found.bins],
        [one.low for one in found.bins],
        [one.high for one in found.bins],
    )
    held_out = Series("isotonic on unseen texts", [(b.score, b.held_out) for b in found.bins])
    knots = Series("the fit", list(zip(fit.x, fit.y, strict=True)))
    diagram = Series(
        "mean label of a bin, 95 % interval",
        [(one.held_out, one.label) for one in found.diagram],
        [one.low for one in found.diagram],
        [one.high for one in found.diagram],
    )
    ideal = Series("perfectly calibrated", [(0.0, 0.0), (1.0, 1.0)], color=5, dash=1)
    return texts.columns(
        [
            line_chart(
                [labels, held_out, knots],
                title="Score and label",
                x_label="score of the judge",
                y_range=(0.0, 1.0),
            ),
            line_chart(
                [diagram, ideal],
                title="Prediction and label, on unseen texts",
                x_label="prediction",
                y_range=(0.0, 1.0),
            ),
        ]
    ) + texts.heading("Bins of equal count")


def _bins(bins: Sequence[Bin]) -> str:
    rows = [
        [
            f"{one.score:.3f}",
            Cell(f"{one.label:.3f}", f"{one.low:.3f} to {one.high:.3f}", share=one.label),
            Cell(f"{one.held_out:.3f}", share=one.held_out),
            str(one.n),
        ]
        for one in bins
    ]
    return table(["Mean score", "Mean label", "Isotonic, unseen", "Texts"], rows)


def _errors(found: Reliability) -> str:
    rows = []
    for key, name in words.methods(found).items():
        one = found.errors[key]
        brier = Cell(f"{one.brier:.3f}", f"{one.brier_low:.3f} to {one.brier_high:.3f}")
        rows.append([name, f"{one.mae:.3f}", brier, f"{one.ece:.3f}"])
    return table(["Method", "Mean absolute error", "Brier score", "Calibration error"], rows)


def _explained() -> str:
    return (
        f"Isotonic was measured by {FOLDS}-fold cross-validation: each text by a fit that did not "
        "see it. The calibration error is how far mean prediction and mean label of a bin are "
        "apart; predicting the mean label for every text has none, and tells no texts apart."
    )


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."
