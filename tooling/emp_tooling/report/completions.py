"""The replies that a run kept: those to show, and the numbers of all."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from emp_plugins.affect.state import parse
from emp_plugins.completion import Template, client_text
from emp_plugins.monitor.completions import NAME
from emp_tooling.pages.replies import Reply, Sample, in_completion
from emp_tooling.report.jsonl import read_objects

MOST_SCORED = 5000
"""Of more replies so many are drawn for correlations; the draw is the same each time."""

Row = Mapping[str, Any]
Place = tuple[int, str]
"""Order of a reply among those to its prompt, and what to call it."""


@dataclass(frozen=True)
class Scored:
    """The numbers of one reply.

    Attributes:
        rewards: Reward to value, without those that do not apply.
        total: Weighted sum.
        words: Length.
    """

    rewards: Mapping[str, float]
    total: float
    words: int


@dataclass(frozen=True)
class Completions:
    """What ``completions.jsonl`` holds.

    Attributes:
        samples: Prompts that were answered twice or more, with the first and the last reply.
        scored: Numbers of the replies, or of a draw where there are many.
        count: How many replies there are.
        skipped: Lines that could not be read.
    """

    samples: tuple[Sample, ...] = ()
    scored: tuple[Scored, ...] = ()
    count: int = 0
    skipped: int = 0


def read_completions(folder: Path, template: Template) -> Completions:
    """Reads the replies of a run; a large file is never held as a whole.

    Args:
        folder: A trainer's output folder.
        template: Tells where the answer lies in a completion.

    Returns:
        The replies; samples pair the first and the last measurement. Empty where the run kept
        none.

    Raises:
        InputError: The file cannot be read.
    """
    return _read(folder / NAME, template, _measured, lambda row: True)


def read_evaluated(folder: Path, template: Template) -> Completions:
    """Reads the replies of an evaluation.

    Args:
        folder: Where ``emp eval`` wrote its results.
        template: Tells where the answer lies in a completion.

    Returns:
        The replies; samples pair base and model, numbers are those of the model.

    Raises:
        InputError: The file cannot be read.
    """
    return _read(folder / NAME, template, _side, lambda row: row.get("source") == "model")


def evenly(items: Sequence[Any], count: int) -> list[Any]:
    """Takes items at even distances, so that nobody chose the flattering ones.

    Example:
        >>> evenly(range(10), 4)
        [0, 2, 5, 7]
    """
    count = min(count, len(items))
    return [items[index * len(items) // count] for index in range(count)]


def numbers(values: Any) -> dict[str, float]:
    """The finite numbers of a mapping; empty for anything else."""
    if not isinstance(values, Mapping):
        return {}
    return {
        str(name): float(value)
        for name, value in values.items()
        if isinstance(value, (int, float)) and math.isfinite(value)
    }


def _read(
    path: Path,
    template: Template,
    place: Callable[[Row], Place | None],
    counts: Callable[[Row], bool],
) -> Completions:
    if not path.is_file():
        return Completions()
    rng, count, skipped = random.Random(0), 0, 0
    scored: list[Scored] = []
    first: dict[str, tuple[Place, Row]] = {}
    last: dict[str, tuple[Place, Row]] = {}
    for row in read_objects(path):
        if row is None or not _whole(row):
            skipped += 1
            continue
        if counts(row):
            count += 1
            _draw(scored, row, count, rng)
        if at := place(row):
            _keep(first, (at, row), earlier=True)
            _keep(last, (at, row), earlier=False)
    pairs = [(first[key], last[key]) for key in first if first[key][0] < last[key][0]]
    samples = tuple(_sample(pair, template) for pair in pairs)
    return Completions(samples, tuple(scored), count, skipped)


def _measured(row: Row) -> Place | None:
    return (row["step"], f"Step {row['step']}") if row.get("source") == "monitor" else None


def _side(row: Row) -> Place | None:
    return {"base": (0, "Base"), "model": (1, "Model")}.get(str(row.get("source")))


def _whole(row: Row) -> bool:
    typed = isinstance(row.get("completion"), str) and isinstance(row.get("step"), int)
    listed = [row.get(name) or [] for name in ("spans", "problems")]
    return (
        typed
        and _is_prompt(row.get("prompt"))
        and all(isinstance(found, list) for found in listed)
        and all(map(_is_span, listed[0]))
    )


def _is_prompt(found: Any) -> bool:
    messages = isinstance(found, list) and all(isinstance(one, Mapping) for one in found)
    return messages or isinstance(found, str)


def _is_span(found: Any) -> bool:
    whole = isinstance(found, list) and len(found) == 3
    return whole and all(isinstance(end, int) for end in found[:2])


def _draw(scored: list[Scored], row: Row, count: int, rng: random.Random) -> None:
    """Keeps a bounded sample of a stream, each row as likely as any other."""
    rewards, total = numbers(row.get("rewards")), numbers({"total": row.get("total")})
    one = Scored(rewards, total.get("total", math.nan), len(row["completion"].split()))
    if len(scored) < MOST_SCORED:
        scored.append(one)
    elif (place := rng.randrange(count)) < MOST_SCORED:
        scored[place] = one


def _keep(kept: dict[str, tuple[Place, Row]], found: tuple[Place, Row], *, earlier: bool) -> None:
    at, row = found
    # The group says which prompt it is, after source and step: "monitor 20: mdd-3".
    key = str(row.get("group")).partition(": ")[2] or str(row.get("id"))
    held = kept.get(key)
    # A step that was measured again after a resume replaces what was there.
    if held is None or (at <= held[0] if earlier else at >= held[0]):
        kept[key] = found


def _sample(pair: tuple[tuple[Place, Row], tuple[Place, Row]], template: Template) -> Sample:
    row = pair[0][1]
    facts = [str(row["persona"]).replace("_", " ")] if row.get("persona") else []
    return Sample(
        client=parse(client_text(row["prompt"]))[1],
        facts=(*facts, f"risk {row.get('risk') or 0}"),
        replies=tuple((at[1], _reply(one, template)) for at, one in pair),
    )


def _reply(row: Row, template: Template) -> Reply:
    text, total = row["completion"], numbers({"total": row.get("total")})
    return Reply(
        text=text,
        spans=in_completion(text, template.parse(text).answer, row.get("spans") or ()),
        problems=tuple(map(str, row.get("problems") or ())),
        rule=str(row.get("rule") or ""),
        notes=tuple(f"reward {value:.2f}" for value in total.values()),
    )
