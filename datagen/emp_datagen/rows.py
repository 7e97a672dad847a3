"""Rows of any file, ours or a user's own: which kind they are, who said what in them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from emp_datagen.jsonl import Row, checked, lines, read_any
from emp_plugins.affect import state
from emp_plugins.completion import Template, client_text
from emp_plugins.errors import InputError

Form = Literal["pair", "prompt", "kto", "group", "dialogue", "completion"]

COLUMNS: Mapping[Form, tuple[str, ...]] = {
    "pair": ("chosen", "rejected"),
    "group": ("completions",),
    "kto": ("completion", "label"),
    "completion": ("completion",),
    "dialogue": ("messages",),
    "prompt": ("prompt",),
}
"""What tells a kind of row from the others, asked in this order."""


def numbered(path: str | Path) -> Iterator[tuple[str, Row]]:
    """Reads a JSONL or Parquet file, row by row.

    Args:
        path: The file; ``.parquet`` is read as Parquet, all else as JSONL.

    Yields:
        Where the row stands, as ``file:line`` (in Parquet the number of the row), and the row.

    Raises:
        InputError: ``file:line: what is wrong``, or the file is missing or empty.
    """
    path = Path(path)
    number = 0
    if path.suffix == ".parquet":
        for number, row in enumerate(read_any(path), 1):
            yield f"{path}:{number}", row
    else:
        try:
            with path.open("rb") as file:
                for number, raw in lines(file):
                    yield f"{path}:{number}", checked(path, number, raw, None)
        except FileNotFoundError:
            raise InputError(f"{path}: no such file") from None
        except IsADirectoryError:
            raise InputError(f"{path}: is a folder, expected a file") from None
    if not number:
        raise InputError(f"{path}: empty, expected one row a line")


def form(row: Mapping[str, Any]) -> Form | None:
    """The kind of a row by its columns; None where none fits.

    Example:
        >>> form({"prompt": "I can't sleep.", "chosen": "a", "rejected": "b"})
        'pair'
    """
    for name, columns in COLUMNS.items():
        if all(row.get(column) is not None for column in columns):
            return name
    return None


def form_at(place: str, row: Mapping[str, Any], known: Form | None) -> Form:
    """The kind of a row in a file, which must be that of the rows before it.

    Args:
        place: Where it stands, for the message.
        row: The row.
        known: The kind of the rows before it, or None for the first one.

    Returns:
        The kind.

    Raises:
        InputError: It is of no kind, or of another one.
    """
    found = form(row)
    if found is None:
        known_ones = "; ".join(" and ".join(columns) for columns in COLUMNS.values())
        raise InputError(f"{place}: no known columns; expected one of: {known_ones}")
    if known not in (None, found):
        raise InputError(f"{place}: a {found} row, but the rows before it are {known} rows")
    return found


def ours(row: Mapping[str, Any]) -> bool:
    """Whether a row claims to meet the dataset contract: it has our state and persona columns."""
    held = row.get("state")
    return "persona" in row and isinstance(held, Mapping) and "affect" in held


def replies(row: Mapping[str, Any], kind: Form) -> list[tuple[str, str]]:
    """The replies of a row, each with its side, as written.

    Args:
        row: The row.
        kind: Its kind.

    Returns:
        ``chosen`` and ``rejected`` for a pair; for others each reply under ``chosen`` or
        ``rejected`` where a label or an error tells, and under ``reply`` where none does.

    Raises:
        InputError: ``column: what is wrong``.
    """
    if kind == "pair":
        return [(side, text(row[side], side)) for side in ("chosen", "rejected")]
    if kind in ("kto", "completion"):
        side = "reply" if kind == "completion" else "chosen" if row["label"] else "rejected"
        return [(side, text(row["completion"], "completion"))]
    if kind == "group":
        many = row["completions"]
        if isinstance(many, str) or not isinstance(many, Sequence):
            raise InputError("completions: expected a list of replies")
        return list(zip(_sides(row, len(many)), _texts(many), strict=True))
    if kind == "dialogue":
        return [("reply", said) for said in _said(row["messages"], "messages", "assistant")]
    return []


def text(value: Any, column: str) -> str:
    """A reply as text: a string, or the last message of the therapist.

    Args:
        value: The column's value.
        column: Its name, for the message.

    Returns:
        The text.

    Raises:
        InputError: It is neither, or empty.
    """
    found = (
        value if isinstance(value, str) else next(iter(_said(value, column, "assistant")[-1:]), "")
    )
    if not found.strip():
        raise InputError(f"{column}: no text")
    return found


def client(prompt: Any) -> str:
    r"""What the client said last, without a state header and earlier turns.

    Args:
        prompt: A string or messages; in a string of several turns that `emp-datagen` wrote with
            ``--format standard`` the turns are labelled.

    Returns:
        The words; empty where the client says nothing.

    Raises:
        InputError: It is neither a string nor messages.

    Example:
        >>> client("Patient: Hi.\nTherapist: What brings you here?\nI can't sleep.")
        "I can't sleep."
    """
    if not isinstance(prompt, str):
        _said(prompt, "prompt", "user")
    return state.parse(client_text(prompt))[1]


def turns(row: Mapping[str, Any], kind: Form) -> int | None:
    """How many turns the client has had; None where the row does not tell."""
    said = row.get("turn")
    if isinstance(said, int) and not isinstance(said, bool):
        return said
    told = row.get("messages" if kind == "dialogue" else "prompt")
    if isinstance(told, str) or told is None:
        return None
    return len(_said(told, "prompt", "user"))


def answer(reply: str, template: Template) -> str:
    r"""What the client sees of a reply: its answer where the tags are those of the template.

    Example:
        >>> template = Template(fields=())
        >>> answer("<reasoning>Grief.</reasoning><answer>I am sorry.</answer>", template)
        'I am sorry.'
        >>> answer("I am sorry.", template)
        'I am sorry.'
    """
    return template.parse(reply).answer or reply


def template_of(path: Path | None) -> Template:
    """The template of a file: a template's own, or a recipe with one; without a file the default.

    Raises:
        InputError: The file has a mistake.
    """
    if path is None:
        return Template()
    from emp_plugins.config import EmpathyConfig
    from emp_plugins.files import read_yaml

    held = read_yaml(path)
    if isinstance(held, dict) and "base_model" in held:
        config = EmpathyConfig.from_recipe(held)
        return config.resolved_template if config else Template()
    return Template.load(path)


@functools.lru_cache(maxsize=8)
def size(path: Path) -> int:
    """Rows of a file at most, without reading them: lines, or the number in a Parquet footer."""
    if path.suffix == ".parquet":
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.read_metadata(path).num_rows
        except (OSError, pa.ArrowInvalid):
            return 0  # reading it says what is wrong
    if not path.is_file():
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))


def _sides(row: Mapping[str, Any], count: int) -> list[str]:
    errors = row.get("error")
    if isinstance(errors, Sequence) and not isinstance(errors, str) and len(errors) == count:
        return ["rejected" if error else "chosen" for error in errors]
    return ["reply"] * count


def _texts(many: Sequence[Any]) -> list[str]:
    return [text(one, f"completions.{place}") for place, one in enumerate(many)]


def _said(messages: Any, column: str, role: str) -> list[str]:
    if not isinstance(messages, Sequence) or not all(isinstance(m, Mapping) for m in messages):
        raise InputError(f"{column}: expected text or a list of messages")
    for place, message in enumerate(messages):
        if not isinstance(message.get("content"), str):
            raise InputError(f"{column}.{place}.content: expected text")
    return [m["content"] for m in messages if m.get("role") == role]
