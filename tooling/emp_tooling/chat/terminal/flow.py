"""Text that is wrapped at words while it still comes in."""

from __future__ import annotations

import re
from typing import Any

WIDEST = 84
"""Longer lines are hard to read, however wide the terminal is."""

INDENT = "  "


class Flow:
    """Writes pieces of text to a console, wrapped and indented."""

    def __init__(self, console: Any) -> None:
        """Starts at the beginning of a line.

        Args:
            console: A rich console.
        """
        self._console = console
        self._width = max(20, min(console.width - 1, WIDEST) - len(INDENT))
        self._column = 0
        self._word = ""
        self._style: str | None = None

    def write(self, text: str, style: str | None = None) -> None:
        """Writes what is whole words; the rest waits for the next piece.

        Args:
            text: A piece, cut anywhere.
            style: A rich style.
        """
        if style != self._style:
            self._print(self._laid(self._word))
            self._word, self._style = "", style
        *whole, self._word = re.split(r"(?<=\s)", self._word + text)
        self._print("".join(map(self._laid, whole)))

    def end(self) -> None:
        """Writes what is left and ends the line."""
        self._print(self._laid(self._word))
        self._word = ""
        if self._column:
            self._print("\n")
            self._column = 0

    def _laid(self, word: str) -> str:
        """A word with the white space after it, and what has to come before it."""
        from rich.cells import cell_len

        length, before = cell_len(word.rstrip()), ""
        if length and self._column and self._column + length > self._width:
            before, self._column = "\n", 0
        if length and not self._column:
            before += INDENT
        if word.endswith("\n"):
            self._column = 0
            return before + word
        if not length and not self._column:
            return ""  # blanks at the beginning of a line
        self._column += cell_len(word)
        return before + word

    def _print(self, text: str) -> None:
        if text:
            self._console.print(
                text, end="", style=self._style, markup=False, highlight=False, soft_wrap=True
            )
