"""From a plan to one file: work in rounds until enough rows are kept, then write them in order."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import time
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from emp_datagen.cases import Plan, describe
from emp_datagen.crew import CrewSpec
from emp_datagen.jsonl import Row, Written, write_rows
from emp_datagen.make import maker
from emp_datagen.redact import redacted, redacted_command
from emp_datagen.run.crews import Crews, Options
from emp_datagen.run.journal import SUFFIX, Entry, Journal
from emp_datagen.run.progress import Progress, silent
from emp_datagen.run.report import Report
from emp_datagen.run.sieve import Sieve
from emp_datagen.run.work import Session, TooDear
from emp_datagen.teachers import Meter
from emp_plugins.errors import InputError

MOST_TRIES = 3
"""Cases that are tried at most, in multiples of those wanted."""


class Interrupted(Exception):
    """The run was stopped before its end.

    Attributes:
        finished: Cases whose rows are kept.
        reason: ``ctrl-c`` or what was spent.
    """

    def __init__(self, finished: int, reason: str) -> None:
        super().__init__(reason)
        self.finished = finished
        self.reason = reason


def run(plan: Plan, spec: CrewSpec, options: Options, progress: Progress = silent) -> Report:
    """Generates a file.

    Args:
        plan: What is generated.
        spec: Who works on it.
        options: How it is carried out.
        progress: See `emp_datagen.run.progress.Progress`.

    Returns:
        The report, which is also written beside the file.

    Raises:
        InputError: The settings are wrong, or the file exists.
        OSError: Something cannot be written; finished rows stay in the journal.
        Interrupted: Stopped before the end.
    """
    started = time.monotonic()
    with _locked(options.out):
        journal = _open(plan, spec, options)
        meter = Meter()
        try:
            with contextlib.ExitStack() as stack:
                crews = Crews(plan, spec, options, journal, meter, stack)
                sieve = _rounds(plan, options, journal, crews, progress)
        except KeyboardInterrupt:
            journal.reread()
            raise Interrupted(len(journal), "ctrl-c") from None
        except TooDear:
            journal.reread()
            raise Interrupted(len(journal), f"{options.prices.cost(meter):.2f} spent") from None
        module = maker(plan.kind)
        written = write_rows(options.out, _rows(journal, sieve, plan.n), module.KIND)
        report = _report(plan, options, journal, sieve, written, meter, time.monotonic() - started)
        report.write()
        journal.finish()
    return report


def preview(plan: Plan, spec: CrewSpec) -> list[Row]:
    """Makes the first rows and writes nothing.

    Args:
        plan: ``n`` says how many cases.
        spec: Who works on it.

    Returns:
        The rows.

    Raises:
        InputError: The settings are wrong, or a case got no answer.
    """
    entries: list[Entry] = []
    with Session(spec) as session:
        session.work(plan, range(plan.n), entries.append)
    failed = next((entry.failed for entry in entries if entry.failed), "")
    if failed:
        raise InputError(f"{spec.teacher}: {failed}")
    ordered = sorted(entries, key=lambda entry: entry.number)
    return [row for entry in ordered for row in entry.rows]


def _open(plan: Plan, spec: CrewSpec, options: Options) -> Journal:
    mark = {"plan": describe(plan), "crew": _crew_mark(spec), "exclude": _exclude_mark(options)}
    out = options.out
    if options.overwrite:
        for path in out.parent.glob(f"{out.name}{SUFFIX}*"):
            path.unlink()
    journal = Journal(out, mark)
    going = journal.paths() and not journal.finished
    wanted = going or options.overwrite or (options.resume and journal.paths())
    if out.exists() and not wanted:
        raise InputError(
            f"{out}: exists; give --overwrite to replace it"
            + (", or --resume to try its failed rows again" if journal.paths() else "")
        )
    for stale in out.parent.glob(f".{out.name}.*"):
        if stale.name != _lock(out).name:
            stale.unlink()
    return journal


def _rounds(
    plan: Plan, options: Options, journal: Journal, crews: Crews, progress: Progress
) -> Sieve:
    """Works until enough rows are kept; which cases are tried depends on earlier rows alone."""
    each = getattr(maker(plan.kind), "ROWS", 1)
    sieve = Sieve(plan.n, _excluded(options.exclude))
    wanted = math.ceil(plan.n / each)
    low, high, most = 0, math.ceil(wanted * crews.reserve), MOST_TRIES * wanted + 64
    retry = set(journal.failures()) if journal.finished else set()
    while True:
        given_up = journal.failures().keys() - retry
        todo = array(
            "Q", (n for n in range(low, high) if not journal.done(n) and n not in given_up)
        )
        progress(high - low - len(todo))
        crews.work(todo, progress)
        journal.reread()
        for entry in journal.entries(range(low, high)):
            sieve.take(entry)
        missing = math.ceil((plan.n - sieve.rows) / each) - sum(sieve.failed.values())
        if missing <= 0 or high >= most:
            return sieve
        share = max(len(sieve.kept) / high, 0.2)
        low, high = high, min(most, high + math.ceil(missing / share) + 2)


def _rows(journal: Journal, sieve: Sieve, n: int) -> Iterator[Row]:
    count = 0
    for entry in journal.entries(sieve.kept):
        for row in entry.rows:
            if count < n:
                count += 1
                yield row


def _report(
    plan: Plan,
    options: Options,
    journal: Journal,
    sieve: Sieve,
    written: Written,
    meter: Meter,
    seconds: float,
) -> Report:
    return Report(
        command=redacted_command(options.command),
        file=written.path.name,
        sha256=written.sha256,
        written=written.rows,
        attempted=len(sieve.kept) + sieve.dropped.total() + sieve.failed.total(),
        dropped=dict(sieve.dropped.most_common()),
        failed=dict(sieve.failed.most_common()),
        agreement={
            name: {"judged": judged, "agree": agree}
            for name, (judged, agree) in sorted(sieve.agreement.items())
        },
        calls=meter.calls,
        tokens_in=meter.tokens_in,
        tokens_out=meter.tokens_out,
        retries=meter.retries,
        cost=round(options.prices.cost(meter), 6),
        seconds=round(seconds, 1),
        run=redacted(journal.mark),
        path=options.out,
    )


def _crew_mark(spec: CrewSpec) -> dict[str, Any]:
    """What of the crew its rows depend on; not how fast it is asked."""
    settings = spec.settings
    return {
        "teacher": spec.teacher,
        "client": spec.client,
        "judging": spec.judging,
        "judged": spec.judged,
        "rule": spec.rule.__dict__,
        "candidates": spec.candidates,
        "critique": spec.critique,
        "revise": spec.revise,
        "temperature": settings.temperature,
        "max_tokens": settings.max_tokens,
        "prompts": str(settings.prompts or ""),
    }


def _exclude_mark(options: Options) -> list[str]:
    import hashlib

    return [hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in options.exclude]


def _excluded(paths: Iterable[Path]) -> Iterator[str]:
    from emp_datagen.jsonl import read_any
    from emp_datagen.run.sieve import texts

    for path in paths:
        for row in read_any(path):
            yield from (text for _, text in texts(row))


@contextlib.contextmanager
def _locked(out: Path) -> Iterator[None]:
    """Keeps a second run from the same file."""
    path = _lock(out)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{out}: another run is writing this file") from None
        yield
        path.unlink(missing_ok=True)
    finally:
        os.close(handle)


def _lock(out: Path) -> Path:
    return out.with_name(f".{out.name}.lock")
