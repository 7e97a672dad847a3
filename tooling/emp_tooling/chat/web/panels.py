"""What the page shows beside the messages, as HTML; every text in it is escaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.state import State, Style, render
from emp_plugins.safety import Resource
from emp_tooling.chat import words
from emp_tooling.chat.conversation import AT_RISK
from emp_tooling.chat.mood import Point
from emp_tooling.pages.charts import Series, line_chart


def head(name: str) -> str:
    """The headline, the model's name and the notice."""
    return (
        f'<header class="emp-head"><h1>emp chat <span>{escape(name)}</span></h1>'
        f"<p>{escape(words.NOTICE)} Nothing is kept when you close this page.</p></header>"
    )


def risk(level: int, resources: Sequence[Resource]) -> str:
    """Crisis resources with a sentence of care; empty below the level of risk.

    Args:
        level: Disclosed so far, 0 to 4.
        resources: Of the client's locale.

    Returns:
        HTML.
    """
    if level < AT_RISK:
        return ""
    rows = "".join(
        f"<li>{escape(name)} <b>{escape(contact)}</b></li>"
        for name, contact in words.resource_rows(resources, level)
    )
    return (
        f'<aside class="emp-risk" role="alert"><h2>{escape(words.RISK_TITLE)}</h2>'
        f"<p>{escape(words.risk_sentence(level))}</p><ul>{rows}</ul>"
        f"<small>{escape(words.CAUTION)}</small></aside>"
    )


def note(text: str) -> str:
    """A line in the chat's own name; empty without a text."""
    return f'<p class="emp-note" role="status">{escape(text)}</p>' if text else ""


def mood(points: Sequence[Point]) -> str:
    """The mood profile: the four dimensions and the polarity, turn by turn.

    Args:
        points: One a turn; empty before the first.

    Returns:
        HTML.
    """
    if not points:
        return _card("Mood profile", '<p class="emp-soft">It begins with your first message.</p>')
    axes = [
        Series(name, [(point.turn, point.affect[place]) for point in points])
        for place, name in enumerate(AXES)
    ]
    polarity = [
        Series("Polarity", [(point.turn, point.polarity) for point in points], color=4, dash=0),
        Series("Last 3 turns", [(point.turn, point.rolling) for point in points], color=5, dash=1),
    ]
    charts = _chart("Four dimensions", axes) + _chart("Polarity", polarity)
    return _card("Mood profile", _chips(points[-1]) + charts)


def state(known: State | None, style: Style | None) -> str:
    """The state header as the model sees it.

    Args:
        known: s_t after the client's last message; None before the first.
        style: Of the header; None where the recipe's prompts have none.

    Returns:
        HTML.
    """
    if known is None:
        return ""
    if style is None:
        header = "Prompts of this recipe have no state header."
        return _card("What the model is told", f'<p class="emp-soft">{header}</p>')
    header = render(known, "…", style)
    return _card("What the model is told", f'<pre tabindex="0">{escape(header)}</pre>')


def _chips(last: Point) -> str:
    # Disclosure comes first: the words of one can read as calm, or even as hopeful.
    risk = f'<span class="emp-care">risk disclosed, level {last.level}</span>'
    names = [f"polarity {last.trend.lower()}"]
    names += [last.category] if last.category != "none" else []
    chips = "".join(f"<span>{escape(name)}</span>" for name in names)
    return f'<div class="emp-chips">{risk if last.level >= AT_RISK else ""}{chips}</div>'


def _chart(title: str, series: Sequence[Series]) -> str:
    # Several emotions at once can carry an axis beyond 1.
    far = max(1.0, *(math.ceil(2 * abs(y)) / 2 for one in series for _, y in one.points))
    return line_chart(series, title=title, x_label="turn", y_range=(-far, far))


def _card(title: str, html: str) -> str:
    return f'<section class="emp-card"><h2>{escape(title)}</h2>{html}</section>'
