"""The command: which parts, how large, and how they are shown."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import click

from emp_plugins.errors import InputError
from emp_tooling.benchmarks.datagen import endpoint, engine, memory, starting, teacher
from emp_tooling.benchmarks.datagen.figures import Figure, table


@dataclass(frozen=True)
class Sizes:
    """How much is measured.

    Attributes:
        rows: Rows of the teacher's and of the engine's runs.
        prompts: Rows of a run against the endpoint.
        concurrency: Requests under way there at a time.
        delay_ms: How long it takes to answer.
        memory: Rows of the runs whose memory is measured.
        repeats: Runs of each; the fastest counts.
    """

    rows: int
    prompts: int
    concurrency: Sequence[int]
    delay_ms: float
    memory: Sequence[int]
    repeats: int


PARTS: Mapping[str, Callable[[Sizes], list[Figure]]] = {
    "teacher": lambda sizes: teacher.measure(sizes.rows, sizes.repeats),
    "run": lambda sizes: engine.measure(sizes.rows, repeats=sizes.repeats),
    "endpoint": lambda sizes: endpoint.measure(
        sizes.prompts, sizes.concurrency, sizes.delay_ms / 1000, sizes.repeats
    ),
    "memory": lambda sizes: memory.measure(sizes.memory),
    "help": lambda sizes: starting.measure(),
}


@click.command()
@click.option("--only", multiple=True, type=click.Choice(list(PARTS)), help="Can be repeated.")
@click.option(
    "--rows", type=click.IntRange(1), default=5000, show_default=True, help="Of teacher and run."
)
@click.option(
    "--prompts", type=click.IntRange(1), default=1600, show_default=True, help="Of endpoint."
)
@click.option(
    "--concurrency",
    multiple=True,
    type=click.IntRange(1),
    default=(8, 32),
    show_default=True,
    help="Requests of endpoint under way at a time; can be repeated.",
)
@click.option(
    "--delay-ms",
    type=click.FloatRange(0),
    default=50,
    show_default=True,
    help="How long the endpoint takes to answer.",
)
@click.option(
    "--n",
    "memory_",
    multiple=True,
    type=click.IntRange(1),
    default=(10_000, 100_000),
    show_default=True,
    help="Rows of memory; can be repeated.",
)
@click.option(
    "--repeats", type=click.IntRange(1), default=1, show_default=True, help="The fastest counts."
)
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def command(only: Sequence[str], memory_: Sequence[int], format_: str, **sizes: Any) -> None:
    """Measures emp-datagen, each speed against another way to do the same in the same run.

    All parts take about half an hour on two idle cores, most of it memory and endpoint.
    """
    from rich.console import Console

    try:
        report = measure(only or list(PARTS), Sizes(memory=memory_, **sizes))
    except InputError as error:
        raise click.ClickException(str(error)) from error
    if format_ == "json":
        rows = [figure.to_row() for figure in report["figures"]]
        click.echo(json.dumps({**report, "figures": rows}, indent=2))
        return
    machine = report["machine"]
    Console(width=150).print(
        table(report["figures"]),
        f"{machine['cores']} cores, load {machine['load_before']:.1f} before and "
        f"{machine['load_after']:.1f} after, Python {machine['python']}, fastest of "
        f"{report['repeats']}",
    )


def measure(parts: Sequence[str], sizes: Sizes) -> dict[str, Any]:
    """Measures some parts, one after the other.

    Args:
        parts: Keys of `PARTS`.
        sizes: How much.

    Returns:
        ``machine``, ``repeats`` and ``figures``.
    """
    load_before = os.getloadavg()[0]
    figures = [figure for name in PARTS if name in parts for figure in PARTS[name](sizes)]
    return {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "load_before": load_before,
            "load_after": os.getloadavg()[0],
            "python": platform.python_version(),
            "openai": version("openai"),
            "distilabel": version("distilabel"),
        },
        "repeats": sizes.repeats,
        "figures": figures,
    }
