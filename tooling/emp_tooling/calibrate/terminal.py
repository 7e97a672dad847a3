"""The reliability curve and the errors in the terminal."""

from __future__ import annotations

from typing import Any

from emp_tooling.calibrate import words
from emp_tooling.calibrate.fit import Fit
from emp_tooling.calibrate.reliability import Bin, Reliability

COLUMNS = 31
LABEL, HELD_OUT, BOTH = "●", "○", "◉"


def show(found: Reliability, fit: Fit, console: Any = None) -> None:
    """Prints the curve bin by bin, then the errors of each method.

    Args:
        found: How the fit holds.
        fit: The fit.
        console: A rich console; standard output by default.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    console.print(_curve(found))
    console.print(Text(f"{LABEL} mean label, {HELD_OUT} isotonic on unseen texts\n", style="dim"))
    console.print(_errors(found))
    console.print(f"Spearman of score and label {fit.spearman:.2f}, {len(fit.x)} knots")
    console.print(words.gain(found), markup=False, soft_wrap=True)
    if found.warning:
        console.print(f"warning: {found.warning}", style="yellow", soft_wrap=True)


def strip(one: Bin, columns: int = COLUMNS) -> str:
    """A bin's mean label and held-out prediction on a line from 0 to 1.

    Args:
        one: The bin.
        columns: Width.

    Returns:
        As many characters.

    Example:
        >>> strip(Bin(0.3, 0.5, 0.4, 0.6, 1.0, 12), columns=5)
        '··●·○'
    """
    label, held_out = (
        round(min(max(value, 0.0), 1.0) * (columns - 1)) for value in (one.label, one.held_out)
    )
    line = ["·"] * columns
    line[held_out] = HELD_OUT
    line[label] = BOTH if label == held_out else LABEL
    return "".join(line)


def _curve(found: Reliability) -> Any:
    table = _table("texts", "score", "label", "held out")
    table.add_column(f"0{'1'.rjust(COLUMNS - 1)}", no_wrap=True)
    for one in found.bins:
        means = (f"{value:.3f}" for value in (one.score, one.label, one.held_out))
        table.add_row(str(one.n), *means, strip(one))
    return table


def _errors(found: Reliability) -> Any:
    table = _table("", "MAE", "Brier", "95 % interval", "ECE")
    table.columns[0].justify = "left"
    for key, name in words.methods(found).items():
        one = found.errors[key]
        table.add_row(
            name,
            f"{one.mae:.3f}",
            f"{one.brier:.3f}",
            f"{one.brier_low:.3f} to {one.brier_high:.3f}",
            f"{one.ece:.3f}",
        )
    return table


def _table(*right: str) -> Any:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table
