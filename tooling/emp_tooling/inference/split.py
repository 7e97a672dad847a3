"""A reply's text, split at the template's tags while it comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

from emp_plugins.completion import Template
from emp_tooling.inference.reply import Piece

Part = Literal["reasoning", "answer"]


class Splitter:
    """Tells reasoning from answer in a text that comes piece by piece.

    Text between the reasoning tags is reasoning and all other text is the answer, so that of a
    malformed reply whatever the model did not mark as reasoning is shown; the answer's opening tag
    also ends reasoning that was never closed. How the text is cut makes no difference: a tag that
    has only begun is held back until it is whole, and white space until text follows it.

    Example:
        >>> splitter = Splitter(Template())
        >>> [piece.text for text in ("<reason", "ing>Grief.</reasoning>", "<answer>I am so")
        ...  for piece in splitter.feed(text)]
        ['Grief.', 'I am so']
        >>> [piece.text for piece in splitter.feed(" sorry.</answer>")]
        [' sorry.']
    """

    def __init__(self, template: Template) -> None:
        """Starts a reply.

        Args:
            template: Names the tags, and says whether the reply begins inside the reasoning.
        """
        names = [name for name in (template.reasoning_tag, template.answer_tag) if name]
        self._opens_reasoning = f"<{template.reasoning_tag}>"
        self._tags = [f"<{slash}{name}>" for name in names for slash in ("", "/")]
        self._tag = re.compile("|".join(map(re.escape, self._tags)))
        self._part: Part = "reasoning" if template.reasoning_prefilled else "answer"
        self._begun = ""
        self._space = {"reasoning": "", "answer": ""}
        self._told = {"reasoning": "", "answer": ""}
        self._after_tag = {"reasoning": False, "answer": False}
        self.tagged = False

    @property
    def reasoning(self) -> str:
        """The reasoning so far, without white space around it."""
        return self._told["reasoning"]

    @property
    def answer(self) -> str:
        """The answer so far, without white space around it."""
        return self._told["answer"]

    def feed(self, text: str) -> Iterator[Piece]:
        """Takes the next piece of the reply.

        Args:
            text: Any cut of it.

        Yields:
            What can be told of it.
        """
        text, start = self._begun + text, 0
        for tag in self._tag.finditer(text):
            yield from self._tell(text[start : tag.start()])
            self._enter("reasoning" if tag[0] == self._opens_reasoning else "answer")
            start = tag.end()
        end = start + self._whole(text[start:])
        self._begun = text[end:]
        yield from self._tell(text[start:end])

    def finish(self) -> Iterator[Piece]:
        """Ends the reply.

        Yields:
            What was held back because it could have been the beginning of a tag.
        """
        held, self._begun = self._begun, ""
        yield from self._tell(held)

    def _enter(self, part: Part) -> None:
        self.tagged, self._part = True, part
        self._after_tag = dict.fromkeys(self._after_tag, True)

    def _whole(self, text: str) -> int:
        """How much of the text cannot be the beginning of a tag."""
        start = text.rfind("<")
        begun = start >= 0 and any(tag.startswith(text[start:]) for tag in self._tags)
        return start if begun else len(text)

    def _tell(self, text: str) -> Iterator[Piece]:
        text = self._space[self._part] + text
        shown = text.rstrip()
        self._space[self._part] = text[len(shown) :]
        if not shown:
            return
        if not self._told[self._part]:
            shown = shown.lstrip()
        elif self._after_tag[self._part] and not shown[0].isspace():
            shown = f"\n{shown}"  # never glued to what stood before the tag
        self._after_tag[self._part] = False
        self._told[self._part] += shown
        yield Piece(self._part, shown)
