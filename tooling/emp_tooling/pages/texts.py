"""Small pieces of text: paragraphs, lists, facts, chips, marked passages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from emp_tooling.pages.page import Mood

Span = tuple[int, int, str]
"""Start and end in a text, and the name of what was found there."""


def paragraph(text: str, *, soft: bool = False) -> str:
    """A paragraph of plain text.

    Args:
        text: The text.
        soft: In the quieter color.

    Returns:
        HTML.

    Example:
        >>> paragraph("1 < 2")
        '<p>1 &lt; 2</p>'
    """
    kind = ' class="soft"' if soft else ""
    return f"<p{kind}>{escape(text)}</p>"


def listing(lines: Iterable[str]) -> str:
    """Plain texts as a list with bullets."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def heading(text: str) -> str:
    """A heading inside a section."""
    return f"<h3>{escape(text)}</h3>"


def card(html: str, mood: Mood = "") -> str:
    """Content in a box; ``good``, ``bad`` or ``note`` color its edge."""
    return f'<div class="card {mood}">{html}</div>'


def advised(lines: Iterable[tuple[str, str]]) -> str:
    """Plain texts as a list with bullets, each with a quieter second line that may be empty."""
    items = "".join(
        f"<li>{escape(text)}{f'<br><small>{escape(more)}</small>' if more else ''}</li>"
        for text, more in lines
    )
    return f"<ul>{items}</ul>"


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Terms and what is to be said of each, in a card."""
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(text)}</dd></div>" for name, text in pairs
    )
    return f'<dl class="card">{items}</dl>'


def columns(parts: Iterable[str]) -> str:
    """Pieces of HTML side by side, one below the other on a phone."""
    return f'<div class="columns">{"".join(f"<div>{part}</div>" for part in parts)}</div>'


def chips(names: Iterable[tuple[str, Mood]]) -> str:
    """Short texts in rounded boxes, each with its mood."""
    boxes = "".join(f'<span class="chip {mood}">{escape(name)}</span>' for name, mood in names)
    return f'<div class="chips">{boxes}</div>' if boxes else ""


def folded(title: str, html: str) -> str:
    """Content that a reader opens by a click; a printed page shows it closed.

    Args:
        title: What is inside, plain text.
        html: The content.

    Returns:
        HTML.
    """
    return f'<details class="card"><summary>{escape(title)}</summary>{html}</details>'


def source(text: str) -> str:
    """Text in a fixed-width face, its line breaks kept."""
    return f'<pre tabindex="0">{escape(text)}</pre>'


def passage(html: str, *, quote: bool = False) -> str:
    """A passage whose line breaks are kept.

    Args:
        html: Escaped text, as ``marked`` gives it.
        quote: With a line at its side, as for a client's words.

    Returns:
        HTML.
    """
    return f'<p class="{"quote" if quote else "text"}">{html}</p>'


def marked(text: str, spans: Sequence[Span], bad: Iterable[str] = ()) -> str:
    """A text with passages marked.

    Args:
        text: Plain text.
        spans: Passages; where two overlap, the part that the first leaves free is marked for the
            second. Places beyond the text are cut off.
        bad: Names to be colored as faults; the others are neutral.

    Returns:
        HTML: the whole text, each passage in a ``<mark>`` with its name as tooltip.

    Example:
        >>> marked("Cheer up!", [(0, 5, "minimizing")], bad=["minimizing"])
        '<mark class="bad" title="minimizing">Cheer</mark> up!'
    """
    faults, parts, done = set(bad), [], 0
    for start, end, name in sorted(spans):
        start, end = max(start, done), min(end, len(text))
        if start >= end:
            continue
        mood = "bad" if name in faults else "note"
        parts.append(escape(text[done:start]))
        parts.append(
            f'<mark class="{mood}" title="{escape(name)}">{escape(text[start:end])}</mark>'
        )
        done = end
    return "".join(parts) + escape(text[done:])
