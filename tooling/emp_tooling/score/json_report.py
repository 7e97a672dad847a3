"""Scored replies as one JSON object."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from emp_plugins.affect import hourglass
from emp_tooling.score.order import Inversion
from emp_tooling.score.scored import Scored


def report(scored: Scored, wrong: Sequence[Inversion]) -> dict[str, Any]:
    """Everything that the table shows, unrounded.

    Args:
        scored: The scored replies.
        wrong: Good replies that lose.

    Returns:
        ``weights`` by reward; ``replies`` in order, each with its ``total``, whether it was
        ``gated``, its ``values``, ``parts`` and ``notes`` by reward, and the ``affect`` of client
        and reply by axis; ``inversions`` by id.
        Plain JSON types; a number that is not finite is None.
    """
    ids = [reply.id for reply in scored.replies]
    return {
        "weights": {column.name: column.weight for column in scored.columns},
        "replies": [_reply(scored, row) for row in range(len(ids))],
        "inversions": [
            {"group": one.group, "good": ids[one.good], "bad": [ids[row] for row in one.bad]}
            for one in wrong
        ],
    }


def _reply(scored: Scored, row: int) -> dict[str, Any]:
    reply = scored.replies[row]
    return {
        "id": reply.id,
        "group": reply.group,
        "label": reply.label,
        "client": reply.client,
        "reply": reply.text,
        "total": _plain(scored.totals[row]),
        "gated": scored.gated[row],
        "values": {column.name: _plain(column.values[row]) for column in scored.columns},
        "parts": {c.name: {k: _plain(v[row]) for k, v in c.parts.items()} for c in scored.columns},
        "notes": {c.name: {k: _plain(v[row]) for k, v in c.notes.items()} for c in scored.columns},
        "affect": {
            "client": dict(zip(hourglass.AXES, scored.client_affect[row].tolist(), strict=True)),
            "reply": dict(zip(hourglass.AXES, scored.reply_affect[row].tolist(), strict=True)),
        },
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):  # numpy's scalars and arrays
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
