"""What an evaluation found, as the JSON that it prints and writes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from emp_plugins.files import atomic_write
from emp_plugins.monitor.completions import append, lines
from emp_plugins.monitor.provenance import data_files, versions, without_secrets
from emp_tooling.evaluate.answers import Measures
from emp_tooling.evaluate.compare import WinRate
from emp_tooling.evaluate.judged import Judged, figures
from emp_tooling.evaluate.run import Evaluated
from emp_tooling.evaluate.settings import Settings
from emp_tooling.evaluate.verdict import WIN_RATE, Moved

VERSION = 2
NAME, COMPLETIONS = "results.json", "completions.jsonl"


def results(found: Evaluated) -> dict[str, Any]:
    """The numbers of an evaluation; no text of a client or of a reply is among them.

    Args:
        found: The evaluation.

    Returns:
        Plain JSON types: ``verdict``, ``reasons``, ``base`` and ``model`` (``name``, ``figures``
        with intervals, ``groups``), ``differences`` (``base``, ``model`` and their intervals,
        ``difference`` with ``low`` and ``high``, ``n`` and one-sided p-values), ``win_rate``,
        ``terms`` of the verdict, ``trajectory``, and how to do it again: ``options`` are those of
        the command that differ from its defaults.
    """
    settings, judged, seed = found.settings, found.judged, found.settings.seed
    sides = {"model": judged.model, "base": judged.base}
    both = {side: figures(one, seed) for side, one in sides.items() if one is not None}
    plain = {side: {name: asdict(one) for name, one in held.items()} for side, held in both.items()}
    return {
        "version": VERSION,
        "verdict": judged.verdict.word,
        "reasons": list(judged.verdict.reasons),
        "base": _side(judged.base, plain.get("base")),
        "model": _side(judged.model, plain["model"]),
        "differences": _differences(judged, seed),
        "win_rate": asdict(judged.win_rate) if judged.win_rate else None,
        "terms": [_term(one) for one in judged.verdict.moved],
        "not_measured": list(judged.verdict.missing),
        "trajectory": {side: one.trajectory for side, one in sides.items() if one is not None},
        "recipe": str(settings.recipe),
        "base_model": without_secrets(found.recipe.get("base_model")),
        "method": str(found.recipe.get("rl") or "sft").lower(),
        "rewards": {name: weight for name, (_, weight) in found.material.rewards.items()},
        "own_rewards": found.material.own_rewards,
        "prompts": {
            "path": found.material.prompts_file,
            "sha256": found.material.prompts_sha256,
            "n": len(found.material.prompts),
        },
        "statements": len(found.material.statements),
        "instructions": len(found.material.instructions),
        "dialogues": settings.dialogues if "multi" in settings.parts else 0,
        "turns": settings.turns,
        "client": without_secrets(settings.client),
        "options": _options(settings),
        "data": list(data_files(found.recipe)),
        "parts": list(settings.parts),
        "seed": seed,
        "skipped_lines": found.skipped,
        "versions": versions(),
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write(found: Evaluated, content: Mapping[str, Any]) -> None:
    """Writes the numbers, and beside them the replies to held-out prompts.

    Args:
        found: The evaluation.
        content: What ``results`` gave. The replies go to a file that only its owner can read, in
            the form of the monitor's ``completions.jsonl``.
    """
    out = found.settings.out
    with atomic_write(out / NAME) as file:
        json.dump(content, file, indent=2, allow_nan=False)
    (out / COMPLETIONS).unlink(missing_ok=True)
    for side, one in (("base", found.judged.base), ("model", found.judged.model)):
        if one is not None and one.measured is not None:
            texts = found.answers[side].single
            append(out / COMPLETIONS, lines(0, side, found.material.prompts, texts, one.measured))


def _options(settings: Settings) -> dict[str, Any]:
    """Options of the command that differ from its defaults, by their names there."""
    usual = Settings(settings.recipe, settings.out)
    given = {one.name: getattr(settings, one.name) for one in fields(settings)}
    given = {n: v for n, v in given.items() if v != getattr(usual, n) and n != "parts"}
    if "trained" in given:
        given["model"] = given.pop("trained")
    if settings.parts != usual.parts:
        given["only"] = ",".join(settings.parts)
    return {n: v if isinstance(v, int) else without_secrets(str(v)) for n, v in given.items()}


def _side(one: Measures | None, held: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "name": without_secrets(one.name),
        "figures": held,
        "groups": {name: table.by_group() for name, table in one.tables.items() if table.groups},
        "failures": one.measured.failures() if one.measured else {},
    }


def _differences(judged: Judged, seed: int) -> dict[str, Any]:
    if judged.base is None:
        return {}
    found = {WIN_RATE: _won(judged.win_rate)} if judged.win_rate else {}
    sides = {
        "base": figures(judged.base, seed, beside=judged.model),
        "model": figures(judged.model, seed, beside=judged.base),
    }
    for name, one in judged.differences.items():
        ends = {
            f"{side}_interval": [held[name].low, held[name].high] for side, held in sides.items()
        }
        found[name] = {**asdict(one), **ends}
    return found


def _won(one: WinRate) -> dict[str, Any]:
    return {
        "n": one.n,
        "base": 0.5,
        "model": one.rate,
        "difference": one.rate - 0.5,
        "low": one.low - 0.5,
        "high": one.high - 0.5,
        "p_below": one.p_below,
        "p_above": one.p_above,
        "model_interval": [one.low, one.high],
    }


def _term(one: Moved) -> dict[str, Any]:
    numbers = {key: value for key, value in asdict(one).items() if key != "term"}
    state = "fell" if one.fell else "rose" if one.rose else "held"
    return {**asdict(one.term), **numbers, "state": state}
