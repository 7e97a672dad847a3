"""``monitor.jsonl``: what the monitor saw of a run, one JSON object a line, only ever appended.

It holds numbers and names, never what a client or a model said.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_plugins.measure import Figure
from emp_plugins.monitor.history import Point

NAME = "monitor.jsonl"
VERSION = 1

Line = Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    """What the file tells of the run that wrote it last.

    Attributes:
        runs: Start of the run, and of each time that it was resumed: base model, recipe, data.
        points: Measurements by rising step. A step that was measured again counts once, and what
            lies after the checkpoint that a resumed run went on from does not count.
        warnings: Health warnings: ``step, rule, message, advice, values, stopped``.
        failures: What the monitor itself could not do: ``step, reason``.
        ends: ``step, rounds, seconds, share`` of each part of the run that came to its end.
        skipped: How many lines could not be read, as a killed run leaves them.
    """

    runs: tuple[Line, ...] = ()
    points: tuple[Point, ...] = ()
    warnings: tuple[Line, ...] = ()
    ends: tuple[Line, ...] = ()
    failures: tuple[Line, ...] = ()
    skipped: int = 0


def append(path: Path, kind: str, content: Mapping[str, Any]) -> None:
    """Adds one line.

    Args:
        path: The file; its folder is made where it is missing.
        kind: ``run``, ``point``, ``warning``, ``failure`` or ``end``.
        content: The rest of the line; numbers that are not finite are written as null.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps({"kind": kind, **_finite(content)}, ensure_ascii=False, allow_nan=False)
    with path.open("ab") as file:
        # A killed run may have left half a line, which must not swallow this one.
        start = b"" if _ends_a_line(path) else b"\n"
        file.write(start + line.encode("utf-8") + b"\n")


def point_line(point: Point) -> dict[str, Any]:
    """A point as its line holds it.

    Args:
        point: The measurement.

    Returns:
        Plain JSON types, as ``read_record`` reads them back.
    """
    line = asdict(point)
    line["figures"] = {name: asdict(figure) for name, figure in point.figures.items()}
    if point.memory_gib is None:
        del line["memory_gib"]
    return line


def read_record(path: str | Path) -> Record:
    """Reads what a monitor wrote, also where a kill left lines half-written.

    Args:
        path: ``monitor.jsonl``, or the folder that holds it.

    Returns:
        The record; lines that cannot be read are counted.

    Raises:
        InputError: There is no such file, or it cannot be read.
    """
    file = Path(path)
    file = file / NAME if file.is_dir() else file
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{file}: no such file; the run was not monitored") from None
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None
    return _collected(_lines(raw))


def _collected(lines: Iterator[Line | None]) -> Record:
    runs: list[Line] = []
    points: dict[int, Point] = {}
    others: dict[str, list[Line]] = {"warning": [], "failure": [], "end": []}
    skipped = 0
    for line in lines:
        if line is None:
            skipped += 1
        elif line["kind"] == "run":
            since = line.get("step") or 0
            if since == 0:  # a fresh run in the folder of an old one
                runs, points, others = [], {}, {kind: [] for kind in others}
            points = {step: point for step, point in points.items() if step <= since}
            for kind in ("warning", "failure"):
                others[kind] = [other for other in others[kind] if other["step"] <= since]
            runs.append(line)
        elif line["kind"] == "point":
            points[line["step"]] = line["point"]
        else:
            others[line["kind"]].append(line)
    ordered = tuple(points[step] for step in sorted(points))
    warnings, failures, ends = (tuple(others[kind]) for kind in ("warning", "failure", "end"))
    return Record(tuple(runs), ordered, warnings, ends, failures, skipped)


def _lines(raw: bytes) -> Iterator[Line | None]:
    """Each line's content, or None where it cannot be read."""
    for line in raw.split(b"\n"):
        if line.strip():
            try:
                yield _line(json.loads(line))
            except (ValueError, TypeError, KeyError, RecursionError):
                yield None


def _line(content: Any) -> Line:
    kind = content["kind"]
    if kind == "point":
        return {"kind": kind, "step": int(content["step"]), "point": _point(content)}
    if kind not in ("run", "warning", "failure", "end"):
        raise ValueError(kind)
    if kind != "run" or "step" in content:
        content["step"] = int(content["step"])
    return {key: value for key, value in content.items()}


def _point(content: Mapping[str, Any]) -> Point:
    known = {field.name for field in fields(Point)}
    given = {key: value for key, value in content.items() if key in known}
    figures = {name: _figure(numbers) for name, numbers in content["figures"].items()}
    return Point(**{**given, "step": int(content["step"]), "figures": figures})


def _figure(numbers: Mapping[str, Any]) -> Figure:
    mean, spread, low, high = (float(numbers[key]) for key in ("mean", "spread", "low", "high"))
    return Figure(mean, spread, low, high, int(numbers["n"]))


def _ends_a_line(path: Path) -> bool:
    if not path.exists() or path.stat().st_size == 0:
        return True
    with path.open("rb") as file:
        file.seek(-1, 2)
        return file.read(1) == b"\n"


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
