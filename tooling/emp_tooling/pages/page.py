"""Writes a page: one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template as Shell
from typing import Literal

from emp_plugins.files import atomic_write

Mood = Literal["", "good", "bad", "note"]

CONTENTS_FROM = 5
"""A page with at least so many sections gets a table of contents."""


@dataclass(frozen=True)
class Section:
    """A part of a page.

    Attributes:
        id: Anchor, unique on the page: letters, digits, hyphens.
        title: Heading, plain text.
        html: Content, as the functions of this package return it.
        intro: A sentence under the heading, plain text.
        mood: Draws the content as one card: ``good``, ``bad`` or ``note`` color its edge.
    """

    id: str
    title: str
    html: str
    intro: str = ""
    mood: Mood = ""


def write_page(path: str | Path, title: str, subtitle: str, sections: Sequence[Section]) -> None:
    """Writes the page; it is there whole or not at all.

    Args:
        path: The HTML file; missing folders are made.
        title: Headline, plain text.
        subtitle: A line under it, plain text.
        sections: In reading order.
    """
    shell = Shell((files(__package__) / "page.html").read_text(encoding="utf-8"))
    page = shell.substitute(
        title=escape(title),
        subtitle=escape(subtitle),
        contents=_contents(sections),
        sections="\n".join(map(_section, sections)),
    )
    with atomic_write(path) as file:
        file.write(page)


def _contents(sections: Sequence[Section]) -> str:
    if len(sections) < CONTENTS_FROM:
        return ""
    links = "".join(
        f'<li><a href="#{escape(part.id)}">{escape(part.title)}</a></li>' for part in sections
    )
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>'


def _section(part: Section) -> str:
    intro = f'<p class="soft">{escape(part.intro)}</p>' if part.intro else ""
    body = f'<div class="card {part.mood}">{part.html}</div>' if part.mood else part.html
    return f'<section id="{escape(part.id)}"><h2>{escape(part.title)}</h2>{intro}{body}</section>'
