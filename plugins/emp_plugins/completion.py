"""The shape of a reply: reasoning, then the answer that the client sees.

A [`Template`][emp_plugins.completion.Template] says which tags enclose the two parts and which
lines the reasoning holds; it renders replies and parses what a model wrote. Nothing here needs a
model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import read_yaml

CLIENT, THERAPIST = "Patient", "Therapist"
"""Who speaks, in a prompt that holds several turns as plain text."""

MAX_CHARS = 20_000
"""Longer completions are malformed: nothing in them is parsed."""

Message = Mapping[str, Any]


@dataclass(frozen=True)
class Completion:
    """What was found in one completion.

    Attributes:
        text: The whole completion.
        reasoning: The text between the reasoning tags, or None.
        answer: The text between the answer tags, or None. Only this is shown to a client.
        problems: Why the completion is malformed, in the order found; empty when well-formed.
    """

    text: str
    reasoning: str | None
    answer: str | None
    problems: tuple[str, ...]

    @property
    def well_formed(self) -> bool:
        """Whether the template was followed without a fault."""
        return not self.problems


@dataclass(frozen=True)
class Template:
    """Tags and reasoning lines of a reply, and the system prompt that asks for them.

    Attributes:
        system: System prompt; empty for none.
        reasoning_tag: Name of the tag around the reasoning.
        answer_tag: Name of the tag around the answer, or None where the answer is everything
            after the reasoning, as R1-style models write it.
        reasoning_prefilled: The chat template already wrote the opening reasoning tag, so that the
            completion begins inside it.
        fields: Labels of the lines that the reasoning must hold, in order; empty for free text.
        intensity_field: The field whose value must start with a number from 0 to 5, or None.

    Example:
        >>> template = Template(fields=())
        >>> text = template.render("They lost a friend.", "I am so sorry.")
        >>> template.parse(text).answer
        'I am so sorry.'
    """

    system: str = ""
    reasoning_tag: str = "reasoning"
    answer_tag: str | None = "answer"
    reasoning_prefilled: bool = False
    fields: tuple[str, ...] = (
        "User's main concern",
        "Emotional content",
        "Intensity level",
        "Response approach",
    )
    intensity_field: str | None = "Intensity level"

    @classmethod
    def load(cls, path: str | Path) -> Template:
        """Reads a template from a YAML file with this class's attributes as keys.

        Args:
            path: The YAML file.

        Returns:
            The template; absent keys keep their defaults.

        Raises:
            InputError: The file cannot be read, has an unknown key or a value of another type.
        """
        data = read_yaml(path)
        if not isinstance(data, dict):
            raise InputError(f"{path}: a template is a mapping of keys")
        allowed = [field.name for field in fields(cls)]
        for key, value in data.items():
            if key not in allowed:
                raise InputError(f"{path}: {key}: unknown key; {did_you_mean(str(key), allowed)}")
            _check_type(path, key, value)
        if "fields" in data:
            data["fields"] = tuple(data["fields"])
        template = cls(**data)
        if template.intensity_field not in (None, *template.fields):
            if "intensity_field" in data:
                raise InputError(
                    f"{path}: intensity_field: {template.intensity_field!r} is not one of fields"
                )
            template = cls(**data, intensity_field=None)
        return template

    def render(self, reasoning: str | Sequence[str], answer: str) -> str:
        """Writes a well-formed completion.

        Args:
            reasoning: Free text, or one value for each of ``fields``.
            answer: What the client sees.

        Returns:
            The completion, as ``parse`` reads it back.
        """
        if not isinstance(reasoning, str):
            pairs = zip(self.fields, reasoning, strict=True)
            reasoning = "\n".join(f"- {label}: {value}" for label, value in pairs)
        opening = "" if self.reasoning_prefilled else f"<{self.reasoning_tag}>\n"
        head = f"{opening}{reasoning}\n</{self.reasoning_tag}>\n"
        if self.answer_tag is None:
            return head + answer
        return f"{head}<{self.answer_tag}>\n{answer}\n</{self.answer_tag}>"

    def parse(self, text: str) -> Completion:
        """Splits a completion and lists its faults.

        Args:
            text: Anything a model wrote: empty, huge, tags nested or repeated.

        Returns:
            The parts; ``answer`` and ``reasoning`` are None where they cannot be told apart.
        """
        if not text.strip():
            return Completion(text, None, None, ("empty",))
        if len(text) > MAX_CHARS:
            return Completion(text, None, None, ("too long",))
        body = f"<{self.reasoning_tag}>{text}" if self.reasoning_prefilled else text
        counted = self._tag_problems(body)
        if counted:
            return Completion(text, None, None, counted)
        match = self._whole.fullmatch(body)
        if not match:
            return Completion(text, None, None, ("text outside the tags",))
        reasoning, answer = match["reasoning"].strip(), match["answer"].strip()
        problems = [] if answer else ["empty answer"]
        problems += self._reasoning_problems(reasoning)
        return Completion(text, reasoning, answer or None, tuple(problems))

    def _tag_problems(self, body: str) -> tuple[str, ...]:
        problems = []
        for name in filter(None, (self.reasoning_tag, self.answer_tag)):
            for tag in (f"<{name}>", f"</{name}>"):
                count = body.count(tag)
                if count != 1:
                    problems.append(f"{'missing' if count == 0 else 'repeated'} {tag}")
        return tuple(problems)

    def _reasoning_problems(self, reasoning: str) -> list[str]:
        if not reasoning:
            return ["empty reasoning"]
        found = self.field_values(reasoning)
        problems = [
            f"missing reasoning line {name!r}" for name in self.fields if not found.get(name)
        ]
        intensity = found.get(self.intensity_field or "")
        if intensity and not re.match(r"[0-5](?![\d.])", intensity):
            problems.append("intensity is not a number from 0 to 5")
        return problems

    def field_values(self, reasoning: str) -> dict[str, str]:
        """Reads the labelled lines of a reasoning block.

        Args:
            reasoning: Text between the reasoning tags.

        Returns:
            The value of each field that has a line of its own.
        """
        values = {}
        for line in reasoning.splitlines():
            label, colon, value = line.strip().lstrip("-*• ").partition(":")
            if colon and label.strip() in self.fields:
                values.setdefault(label.strip(), value.strip())
        return values

    @cached_property
    def _whole(self) -> re.Pattern[str]:
        reasoning = re.escape(self.reasoning_tag)
        head = rf"\s*<{reasoning}>(?P<reasoning>.*)</{reasoning}>\s*"
        if self.answer_tag is None:
            return re.compile(head + r"(?P<answer>.*)", re.DOTALL)
        answer = re.escape(self.answer_tag)
        return re.compile(head + rf"<{answer}>(?P<answer>.*)</{answer}>\s*", re.DOTALL)


def completion_text(completion: str | Sequence[Message]) -> str:
    """The text of a completion in either of TRL's formats.

    Args:
        completion: A plain string, or a list of messages.

    Returns:
        The string, or the contents of its assistant messages joined by newlines.

    Example:
        >>> completion_text([{"role": "assistant", "content": "Hello."}])
        'Hello.'
    """
    if isinstance(completion, str):
        return completion
    return "\n".join(
        str(message.get("content") or "")
        for message in completion
        if message.get("role", "assistant") == "assistant"
    )


def client_text(prompt: str | Sequence[Message]) -> str:
    r"""The client's last message in a prompt of either of TRL's formats.

    Args:
        prompt: A plain string, or a list of messages. A string of several turns has each earlier
            one in a line of its own, ``Patient: …`` and ``Therapist: …`` in turn.

    Returns:
        The last user message, or the string without the turns before its last.

    Example:
        >>> client_text([{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "?"}])
        'Hi'
        >>> client_text("Patient: Hi.\nTherapist: What brings you here?\nI can't sleep.")
        "I can't sleep."
    """
    if isinstance(prompt, str):
        told, label, last = prompt.rpartition(f"\n{THERAPIST}: ")
        return last.partition("\n")[2] if label and told.startswith(f"{CLIENT}: ") else prompt
    contents = [str(m.get("content") or "") for m in prompt if m.get("role") == "user"]
    return contents[-1] if contents else ""


def _check_type(path: str | Path, key: str, value: Any) -> None:
    wanted: dict[str, tuple[type, ...]] = {
        "system": (str,),
        "reasoning_tag": (str,),
        "answer_tag": (str, type(None)),
        "reasoning_prefilled": (bool,),
        "fields": (list,),
        "intensity_field": (str, type(None)),
    }
    if not isinstance(value, wanted[key]):
        names = " or ".join("null" if kind is type(None) else kind.__name__ for kind in wanted[key])
        raise InputError(f"{path}: {key}: expected {names}, got {type(value).__name__}")
    if key.endswith("_tag") and isinstance(value, str) and not re.fullmatch(r"[\w.-]+", value):
        raise InputError(f"{path}: {key}: {value!r} is no tag name; write it without brackets")
    if key == "fields" and not all(isinstance(item, str) and item for item in value):
        raise InputError(f"{path}: fields: expected a list of labels")
