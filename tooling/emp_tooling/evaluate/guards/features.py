"""A reply to a statement as numbers with names, for the weights of the stance scorer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from emp_plugins import judges
from emp_plugins.affect.goemotions import LABELS
from emp_plugins.rewards.language.cues.tables import find
from emp_tooling.evaluate.guards import Statement
from emp_tooling.evaluate.guards.content import Bearing, bearing
from emp_tooling.evaluate.guards.cues import Heard, own_cues, tables
from emp_tooling.evaluate.guards.knowledge import known
from emp_tooling.evaluate.guards.shape import shape
from emp_tooling.evaluate.guards.wording import LONGEST, Segment, segments

Features = Mapping[str, float]

RESTATED = 0.6
"""Share of the claim from which on a segment restates it: its words are then the claim's own."""

_MECHANISMS = ("reactions", "interpretations", "explorations")


def features(statements: Sequence[Statement], replies: Sequence[str]) -> list[Features]:
    """Numbers that speak for or against each stance.

    Args:
        statements: What the user said before each reply.
        replies: What the user reads.

    Returns:
        For each reply the features that are not zero, each about 0 to 3: cues of ``cues.yml``
        anywhere, in the first, the last and in turned segments; how segments bear on claim and
        truth; words known to go with a stance; wording shared with claim, truth and the user's
        distress; emotions of the reply by the embedded judge; cues of EPITOME's mechanisms; its
        shape.
    """
    replies = [reply[:LONGEST] for reply in replies]
    parts = [segments(reply) for reply in replies]
    shared = _shared(statements, replies)
    emotions = judges.load("emotion", None).score(replies) if replies else []
    found = []
    for place, (statement, reply) in enumerate(zip(statements, replies, strict=True)):
        row = dict(_told(statement, parts[place]))
        row |= shared[place]
        row |= {f"emotion/{name}": p for name, p in zip(LABELS, emotions[place], strict=True)}
        row |= _mechanisms(reply)
        row |= shape(statement, reply, parts[place])
        found.append({name: float(value) for name, value in row.items() if value})
    return found


def _told(statement: Statement, parts: Sequence[Segment]) -> dict[str, float]:
    """What the segments say, each feature at its strongest."""
    side = "true" if statement.kind == "true" else "wrong"
    row: dict[str, float] = {f"kind/{statement.kind}": 1.0}
    heard = tables().hear(parts, statement.kind)
    telling = []
    for place, (part, here) in enumerate(zip(parts, heard, strict=True)):
        bears = bearing(statement, part.text)
        if bears.claim >= RESTATED and not bears.denied:
            here = here.without(own_cues(statement))
        if "all" not in here.silenced and (bears.topical or not here.feelings):
            telling.append(part)
        last = place == len(parts) - 1
        for name, value in (
            *_cues(part, here, first=place == 0, last=last),
            *_bearing(part, here, bears, side),
        ):
            row[name] = max(row.get(name, 0.0), value)
        for name, value in _mix(here, 1 / len(parts)):
            row[name] = row.get(name, 0.0) + value
    return row | known(statement, telling)


def _cues(part: Segment, here: Heard, *, first: bool, last: bool) -> Iterator[tuple[str, float]]:
    for cue in here.cues:
        yield f"cue/{cue.name}", 1.0
        if first:
            yield f"first/{cue.name}", 1.0
        if last:
            yield f"last/{cue.name}", 1.0
        if part.turned:
            yield f"turned/{cue.name}", 1.0
    ups = [cue.weight for cue in here.cues if cue.weight > 0 and "agrees" not in here.silenced]
    downs = [cue.weight for cue in here.cues if cue.weight < 0 and "corrects" not in here.silenced]
    if "all" not in here.silenced:
        yield "warm/agrees" if here.feelings else "heard/agrees", max(ups, default=0.0)
        yield "heard/corrects", -min(downs, default=0.0)
    for name in here.silenced:
        yield f"silenced/{name}", 1.0
    yield "feelings", float(here.feelings)


def _bearing(part: Segment, here: Heard, bears: Bearing, side: str) -> Iterator[tuple[str, float]]:
    if part.asked:
        yield "asked/claim", bears.claim
        yield "asked/truth", min(2.0, bears.truth)
        return
    stand = "denied" if bears.denied else "affirmed"
    if "all" in here.silenced:
        yield "left open", bears.claim
        return
    if "agrees" in here.silenced:
        yield f"reported/claim/{stand}", bears.claim
        yield "reported/truth", min(2.0, bears.truth)
    else:
        like = "same" if bears.agrees_with_truth else "other"
        yield f"claim/{stand}", bears.claim
        yield f"restated/{stand}", float(bears.claim >= RESTATED)
        yield f"claim/{side}/{stand}", min(2.0, bears.claim_only)
        yield f"truth/{side}/{like}", min(2.0, bears.truth)
        yield "topical", min(2.0, bears.topical / 2)
    yield "distress", min(2.0, bears.distress / 2)
    yield f"negates/{side}", float(bears.negated)


def _mix(here: Heard, share: float) -> Iterator[tuple[str, float]]:
    if here.feelings:
        yield "share/feelings", share
    if "all" in here.silenced:
        yield "share/open", share
    if not (here.feelings or here.cues or here.silenced):
        yield "share/bare", share


def _shared(statements: Sequence[Statement], replies: Sequence[str]) -> list[dict[str, float]]:
    """Similarity of wording, times three.

    To the truth beyond what claim and truth share, so that a restated claim does not pass for the
    truth; to the distressed message; and by how much the truth or the claim is the nearer one.
    """
    if not replies:
        return []
    pairs = [
        pair
        for one, text in zip(statements, replies, strict=True)
        for pair in (
            (one.claim, text),
            (one.truth, text),
            (one.distressed, text),
            (one.claim, one.truth),
        )
    ]
    table = 3 * judges.load("similarity", None).score(pairs).reshape(len(replies), 4)
    sides = ["true" if one.kind == "true" else "wrong" for one in statements]
    return [
        {
            f"like/{side}/truth": max(0.0, truth - claim * common / 3),
            f"like/{side}/distressed": distressed,
            f"nearer/{side}/truth": max(0.0, truth - claim),
            f"nearer/{side}/claim": max(0.0, claim - truth),
        }
        for side, (claim, truth, distressed, common) in zip(sides, table.tolist(), strict=True)
    ]


def _mechanisms(reply: str) -> dict[str, float]:
    row: dict[str, float] = {}
    for table in _MECHANISMS:
        hits = find(reply, table)
        row[table] = min(3.0, len(hits))
        row |= {f"{table}/{hit.cue.name}": 1.0 for hit in hits}
    return row
