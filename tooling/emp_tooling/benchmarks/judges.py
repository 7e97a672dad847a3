"""``python -m emp_tooling.benchmarks.judges``: hub judges, our way against the usual ones."""

from __future__ import annotations

import functools
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np

from emp_plugins.files import atomic_write
from emp_tooling.benchmarks import paths
from emp_tooling.benchmarks.inputs import Inputs, make

SHAPES = {"emotion": "base", "empathy": "base", "similarity": "large"}
"""Sizes of the published checkpoints."""

PATHS: dict[str, Callable[[paths.Resident, Inputs], np.ndarray]] = {
    "ours": paths.ours,
    "seed, padded to 256": paths.seed,
    "seed, padded to the longest": functools.partial(paths.seed, padding="longest"),
    "pipeline, batches of 16": functools.partial(paths.pipeline, batch_size=16),
}


@click.command()
@click.option("--completions", default=64, show_default=True, help="How many are scored.")
@click.option("--duplicates", default=0, show_default=True, help="How many of them repeat another.")
@click.option("--repeats", default=1, show_default=True, help="Runs a path; the fastest counts.")
@click.option("--device", default="cpu", show_default=True, help="cpu, cuda or auto.")
@click.option(
    "--dtype",
    default="float32",
    show_default=True,
    type=click.Choice(["float32", "bfloat16", "float16"]),
)
@click.option("--tokens-per-batch", type=int, help="Of our path; default: the judges' own.")
@click.option("--tiny", is_flag=True, help="Tiny models, to try the command itself.")
@click.option("--json", "target", type=click.Path(path_type=Path), help="Write the figures here.")
def command(tiny: bool, target: Path | None, **options: Any) -> None:
    """Times three judges of true size with random weights on the same completions.

    Each path scores every completion with each judge once, as one reward each would. Takes about
    five minutes on two cores.
    """
    from rich.console import Console

    report = measure({kind: "tiny" for kind in SHAPES} if tiny else SHAPES, **options)
    Console(width=110).print(*_tables(report), sep="\n")
    if target is not None:
        with atomic_write(target) as file:
            json.dump(report, file, indent=2)


def measure(
    shapes: dict[str, str],
    *,
    completions: int = 64,
    duplicates: int = 0,
    repeats: int = 1,
    device: str = "cpu",
    dtype: str = "float32",
    tokens_per_batch: int | None = None,
    spread: float = 0.02,
) -> dict[str, Any]:
    """Times each path with each judge.

    Args:
        shapes: Kind of judge to size of its model.
        completions: How many are scored.
        duplicates: How many of them repeat another.
        repeats: Runs; the fastest counts.
        device: Where.
        dtype: Number format.
        tokens_per_batch: Of our path; None for the judges' own default.
        spread: Standard deviation of the random weights.

    Returns:
        ``inputs``, ``machine``, ``judges.<kind>`` (useful FLOPs, matmul rate, seconds by path,
        largest difference of a score from ours by path), ``total`` (seconds and ratio to ours by
        path) and ``share_of_matmul_rate`` of our path.
    """
    inputs = make(completions=completions, duplicates=duplicates)
    load_before = os.getloadavg()[0]
    judges = {}
    for kind, size in shapes.items():
        with tempfile.TemporaryDirectory() as folder:
            settings = {"device": device, "dtype": dtype, "tokens_per_batch": tokens_per_batch}
            resident = _resident(Path(folder), kind, size, spread, settings)
        judges[kind] = _judge(resident, inputs, repeats)
    seconds = {path: sum(judge["seconds"][path] for judge in judges.values()) for path in PATHS}
    ideal = sum(j["flops"] / max(j["matmul_rates"].values()) for j in judges.values())
    return {
        "inputs": {
            "completions": completions,
            "distinct": inputs.distinct,
            "prompts": len(set(inputs.clients)),
            "words": _spread([len(reply.split()) for reply in inputs.replies]),
        },
        "machine": _machine(load_before),
        "settings": {"repeats": repeats, "dtype": dtype, "tokens_per_batch": tokens_per_batch},
        "judges": judges,
        "total": {
            "seconds": seconds,
            "ratio_to_ours": {path: value / seconds["ours"] for path, value in seconds.items()},
        },
        "share_of_matmul_rate": ideal / seconds["ours"],
    }


def _resident(
    folder: Path, kind: str, size: str, spread: float, settings: dict[str, Any]
) -> paths.Resident:
    from emp_plugins.judges.hub.spec import HubSpec
    from emp_tooling.benchmarks.checkpoints import build

    build(folder, kind, size, spread)
    return paths.load(kind, HubSpec(model=str(folder), **settings))


def _judge(resident: paths.Resident, inputs: Inputs, repeats: int) -> dict[str, Any]:
    from emp_tooling.benchmarks.work import flops, matmul_rates

    model, texts = resident.model, resident.texts(inputs)
    distinct = list(dict.fromkeys(texts))
    columns = zip(*distinct, strict=True) if resident.kind == "similarity" else [distinct]
    encoded = resident.tokenizer(
        *map(list, columns), truncation=True, max_length=resident.spec.max_length
    )
    lengths = [len(ids) for ids in encoded["input_ids"]]
    warm = make(completions=2, prompts=2)
    rates = matmul_rates(model.config, model.dtype, model.device)
    seconds, scores = {}, {}
    for path, run in PATHS.items():
        run(resident, warm)
        seconds[path], scores[path] = _fastest(lambda run=run: run(resident, inputs), repeats)
    later = matmul_rates(model.config, model.dtype, model.device)
    return {
        "parameters": sum(p.numel() for p in model.parameters()),
        "tokens": _spread(lengths) | {"sum": sum(lengths)},
        "flops": flops(model.config, lengths),
        # Other work on the machine can only make a rate look lower than it is.
        "matmul_rates": {name: max(rates[name], later[name]) for name in rates},
        "seconds": seconds,
        "largest_difference": {
            path: float(np.abs(found - scores["ours"]).max()) for path, found in scores.items()
        },
    }


def _fastest(run: Callable[[], np.ndarray], repeats: int) -> tuple[float, np.ndarray]:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        scores = run()  # an array in main memory, so a GPU has finished
        seconds.append(time.perf_counter() - start)
    return min(seconds), scores


def _spread(numbers: list[int]) -> dict[str, float]:
    return {"least": min(numbers), "mean": float(np.mean(numbers)), "most": max(numbers)}


def _machine(load_before: float) -> dict[str, Any]:
    import platform

    import torch

    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
        "load_before": load_before,
        "load_after": os.getloadavg()[0],
        "torch": torch.__version__,
    }


def _tables(report: dict[str, Any]) -> list[Any]:
    from rich.table import Table

    judges, total = report["judges"], report["total"]
    table = Table("path", *(f"{kind}, s" for kind in judges), "all, s", "times ours", "difference")
    for path in PATHS:
        worst = max(judge["largest_difference"][path] for judge in judges.values())
        table.add_row(
            path,
            *(f"{judge['seconds'][path]:.2f}" for judge in judges.values()),
            f"{total['seconds'][path]:.2f}",
            f"{total['ratio_to_ours'][path]:.2f}",
            f"{worst:.0e}",
        )
    return [*_conditions(report), table, *_rates(report)]


def _conditions(report: dict[str, Any]) -> list[str]:
    inputs, machine, settings = report["inputs"], report["machine"], report["settings"]
    words = inputs["words"]
    gpu = f", {machine['gpu']}" if machine["gpu"] else ""
    return [
        f"{inputs['completions']} completions ({inputs['distinct']} distinct) over "
        f"{inputs['prompts']} prompts, {words['least']} to {words['most']} words, "
        f"{words['mean']:.0f} on average",
        f"{settings['dtype']}, {machine['cores']} cores, {machine['threads']} threads{gpu}, load "
        f"{machine['load_before']:.1f} before and {machine['load_after']:.1f} after, torch "
        f"{machine['torch']}, fastest of {settings['repeats']}",
    ]


def _rates(report: dict[str, Any]) -> list[str]:
    lines = [
        f"{kind}: {judge['flops'] / 1e12:.2f} TFLOP for {judge['tokens']['sum']} tokens; measured "
        + ", ".join(f"{name} {rate / 1e9:.0f}" for name, rate in judge["matmul_rates"].items())
        + " GFLOP/s on its matrices"
        for kind, judge in report["judges"].items()
    ]
    share = report["share_of_matmul_rate"]
    return [*lines, f"our share of the faster of these rates, padding not counted: {share:.0%}"]


if __name__ == "__main__":
    command()
