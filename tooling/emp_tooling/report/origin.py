"""Where a run comes from, as facts and tables of plain texts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from emp_plugins.monitor.provenance import data_files
from emp_tooling.report.completions import numbers
from emp_tooling.report.run import Run

ADAPTER = "adapter_config.json"
UNKNOWN = "not known"

Fact = tuple[str, str]


def facts(run: Run) -> Iterator[Fact]:
    """What was trained from what, and what the watching cost.

    Args:
        run: The run.

    Yields:
        Terms and texts.
    """
    started, recipe = run.started, run.recipe
    saved = _adapter(run)
    base = started.get("base_model") or recipe.get("base_model")
    adapter = started.get("adapter") or recipe.get("adapter")
    yield "Base model", str(base or saved.get("base_model_name_or_path") or UNKNOWN)
    yield "Adapter", str(adapter or saved.get("peft_type") or "none").lower()
    yield "Method", str(started.get("method") or recipe.get("rl") or UNKNOWN)
    yield "Seed", str(_first(started.get("seed"), recipe.get("seed"), UNKNOWN))
    if started.get("time"):
        resumed = len(run.record.runs) - 1
        again = f", resumed {resumed} times" if resumed > 1 else ", resumed once" if resumed else ""
        yield "Started", f"{run.record.runs[0].get('time')}{again}"
    if started.get("world_size"):
        yield "Processes", str(started["world_size"])
    if logged := len(run.logs.entries):
        yield "Logged moments", f"{logged}, the last at step {run.logs.entries[-1]['step']:g}"
    yield from _monitor(run)
    yield from _skipped(run)


def data(run: Run) -> tuple[list[Sequence[str]], str]:
    """The local data files.

    Args:
        run: The run.

    Returns:
        Path, rows and hash of each, and a sentence on what was hashed when.
    """
    recorded = run.started.get("data")
    files = recorded if isinstance(recorded, list) else list(data_files(run.recipe))
    rows = [
        (str(file.get("path")), str(_first(file.get("rows"), "")), str(file.get("sha256"))[:16])
        for file in files
        if isinstance(file, Mapping)
    ]
    prompts = run.started.get("prompts")
    if isinstance(prompts, Mapping):
        rows.append(
            (
                f"{prompts.get('path') or 'shipped prompts'} (held out)",
                str(prompts.get("n", "")),
                str(prompts.get("sha256"))[:16],
            )
        )
    said = "as they were when the training began" if recorded is not None else "as they are now"
    return rows, said


def differences(runs: Sequence[Run]) -> list[tuple[str, ...]]:
    """The recipe keys that differ between runs.

    Args:
        runs: Several.

    Returns:
        Dotted key and each run's value.
    """
    flat = [dict(flatten(run.recipe)) for run in runs]
    keys = dict.fromkeys(key for recipe in flat for key in recipe)
    rows = [(key, *(recipe.get(key, "not set") for recipe in flat)) for key in keys]
    return [row for row in rows if len(set(row[1:])) > 1]


def flatten(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """The leaves of a recipe.

    Example:
        >>> dict(flatten({"trl": {"beta": 0.04}, "plugins": ["a"]}))
        {'trl.beta': '0.04', 'plugins.0': 'a'}
    """
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from flatten(item, (*path, str(key)))
    elif isinstance(value, list) and value:
        for place, item in enumerate(value):
            yield from flatten(item, (*path, str(place)))
    elif path:
        yield ".".join(path), value if isinstance(value, str) else json.dumps(value, default=str)


def _monitor(run: Run) -> Iterator[Fact]:
    if run.record is None:
        return
    if run.points and (shares := numbers(run.points[-1].shares)):
        told = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
        yield "Time, last stretch", told
    if run.record.ends:
        end = run.record.ends[-1]
        cost = f"{end.get('rounds')} measurements, {_number(end.get('seconds'), '.1f')} s"
        share = _number(end.get("share"), ".1%")
        yield "Cost of the monitor", f"{cost}, {share} of the training time"


def half_written(run: Run) -> int:
    """How many lines of a run's files a killed process left half-written; they were skipped."""
    return (run.record.skipped if run.record else 0) + run.completions.skipped


def _skipped(run: Run) -> Iterator[Fact]:
    counts = {
        "half-written lines of monitor.jsonl": run.record.skipped if run.record else 0,
        "half-written lines of completions.jsonl": run.completions.skipped,
        "logged values that are no finite number": run.logs.dropped,
        "trainer states that cannot be read": len(run.logs.unreadable),
    }
    said = [f"{what}: {count}" for what, count in counts.items() if count]
    if said:
        yield "Skipped", "; ".join(said)


def _adapter(run: Run) -> Mapping[str, Any]:
    """What the saved adapter says of itself; empty where there is none."""
    try:
        found = json.loads((run.folder / ADAPTER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _number(value: Any, style: str) -> str:
    return format(value, style) if isinstance(value, (int, float)) else UNKNOWN
