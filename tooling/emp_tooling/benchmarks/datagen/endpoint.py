"""The run with a model behind an endpoint, against the bare SDK and a distilabel pipeline.

The endpoint is a server on loopback that answers after a fixed time. All send the same requests:
for each row one for the good reply, then one for the reply in error.
"""

from __future__ import annotations

import json
import tempfile
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emp_plugins.errors import InputError
from emp_tooling.benchmarks.datagen import children, prompts
from emp_tooling.benchmarks.datagen.figures import Figure, Wanted
from emp_tooling.benchmarks.datagen.server import Tally

BARE, DISTILABEL = "bare openai client", "distilabel pipeline"
OURS = {"emp-datagen, no judge": ("--no-judge",), "emp-datagen, embedded judges": ()}
"""Our paths and the options of each."""

TRIES = 3
"""Answers that are prepared, in multiples of the rows: a run tries others for those it drops."""

HEADROOM = 2.0
"""How much faster than any of them the server has to be, so that it is not what is measured."""


@dataclass(frozen=True)
class Bench:
    """A server that is up, and the work.

    Attributes:
        url: Of its API.
        folder: For files.
        rows: Rows that are wanted.
        delay_s: How long it takes to answer.
    """

    url: str
    folder: Path
    rows: int
    delay_s: float

    @property
    def work(self) -> Path:
        """File of the requests."""
        return self.folder / "work.jsonl"

    def command(self, path: str, concurrency: int) -> list[str]:
        """The process of a path."""
        names = {BARE: "bare", DISTILABEL: "distilabel", "flood": "flood"}
        if path in names:
            sizes = [str(self.rows), str(concurrency)]
            return [*children.module("clients"), names[path], self.url, str(self.work), *sizes]
        out = ["--out", str(self.folder / "pairs.jsonl"), "--overwrite", "--n", str(self.rows)]
        teacher = ["--teacher", f"openai:bench@{self.url}", "--client", "scripted"]
        limits = ["--concurrency", str(concurrency), "--retries", "0"]
        return [children.EMP_DATAGEN, "pairs", *out, *teacher, *limits, *OURS[path]]

    def tally(self) -> Tally:
        """What the server has seen since it was asked last."""
        url = f"{self.url.removesuffix('/v1')}/tally?delay={self.delay_s}"
        # Loopback: no proxy of the environment.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(url, timeout=60) as answer:
            return Tally(**json.load(answer))


@dataclass(frozen=True)
class Timed:
    """A path's process, as the server saw it.

    Attributes:
        tally: What the server saw.
        before_s: From the start of the process to its first request.
        after_s: From the last answer to its end.
        cpu_s: CPU time, start-up included.
    """

    tally: Tally
    before_s: float
    after_s: float
    cpu_s: float

    @property
    def rate(self) -> float:
        """Pairs a second, from the first request to the last answer."""
        return self.tally.rate / 2


def measure(
    rows: int, concurrencies: Sequence[int] = (8, 32), delay_s: float = 0.05, repeats: int = 1
) -> list[Figure]:
    """Times each path at each concurrency.

    Args:
        rows: Rows of a run.
        concurrencies: Requests under way at a time.
        delay_s: How long the server takes to answer.
        repeats: Runs of each path, in turns; the fastest counts.

    Returns:
        A figure for each, and one for the server itself.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prompts.write(folder / "work.jsonl", prompts.requests(TRIES * rows + 64))
        with children.server([*children.module("server"), folder / "work.jsonl"]) as port:
            url = f"http://127.0.0.1:{port}/v1"
            bench = Bench(url, folder, rows, delay_s)
            figures, fastest = [], 0.0
            for concurrency in concurrencies:
                timed = time_paths(bench, concurrency, repeats)
                figures += _figures(timed, concurrency)
                fastest = max(fastest, *(one.tally.rate for one in timed.values()))
            alone = time_once(Bench(url, folder, rows, 0.0), "flood", max(concurrencies))
    return [*figures, _server(alone.tally.rate, fastest)]


def time_paths(bench: Bench, concurrency: int, repeats: int) -> dict[str, Timed]:
    """Times the paths in turns, and keeps the fastest run of each."""
    best: dict[str, Timed] = {}
    for _ in range(repeats):
        for path in (BARE, *OURS, DISTILABEL):
            timed = time_once(bench, path, concurrency)
            if path not in best or timed.rate > best[path].rate:
                best[path] = timed
    return best


def time_once(bench: Bench, path: str, concurrency: int) -> Timed:
    """Times a path.

    Args:
        bench: The server.
        path: Its name.
        concurrency: Requests under way at a time.

    Returns:
        The times.

    Raises:
        InputError: It failed, or did not send what all are to send.
    """
    bench.tally()
    cache = {"HF_DATASETS_CACHE": str(bench.folder / "datasets")}
    ran = children.run(bench.command(path, concurrency), **cache)
    tally = bench.tally()
    if tally.unknown or tally.answered < 2 * bench.rows or tally.answered % 2:
        raise InputError(
            f"{path}: sent {tally.answered} requests, {tally.unknown} of them others than "
            f"expected, for {bench.rows} pairs"
        )
    return Timed(tally, tally.first - ran.started, ran.ended - tally.last, ran.cpu_s)


def _figures(timed: dict[str, Timed], concurrency: int) -> list[Figure]:
    figures = []
    for path, one in timed.items():
        others = [BARE] if path == DISTILABEL else [BARE, DISTILABEL] if path in OURS else []
        also = {
            "before s": one.before_s,
            "after s": one.after_s,
            "CPU s": one.cpu_s,
            "pairs": one.tally.answered / 2,
            "most at once": one.tally.most,
        }
        figures.append(
            Figure(
                "endpoint",
                f"{path}, {concurrency} at once",
                one.rate,
                "rows/s",
                {other: one.rate / timed[other].rate for other in others},
                Wanted(">=", 0.9, BARE) if path in OURS else None,
                also,
            )
        )
    return figures


def _server(alone: float, fastest: float) -> Figure:
    used = "the most that a path asked for"
    ratios, wanted = {used: alone / fastest}, Wanted(">=", HEADROOM, used)
    return Figure("endpoint", "the server at 0 ms", alone, "requests/s", ratios, wanted)
