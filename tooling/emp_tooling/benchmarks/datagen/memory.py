"""Peak memory of a run by its length."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from emp_tooling.benchmarks.datagen import children
from emp_tooling.benchmarks.datagen.figures import Figure, Wanted


def measure(sizes: Sequence[int]) -> list[Figure]:
    """Measures ``emp-datagen pairs --no-judge`` in a fresh process for each size.

    Args:
        sizes: Rows; two or more different ones for a difference.

    Returns:
        The peak for each size, smallest first, and the difference between the ends.
    """
    peaks = {size: _peak(size) for size in sorted(set(sizes))}
    least = min(peaks)
    figures = []
    for size, peak in peaks.items():
        base = f"{least:,} rows"
        ratios = {base: peak / peaks[least]} if size != least else {}
        wanted = Wanted("<=", 1.1, base) if ratios else None
        figures.append(Figure("memory", f"peak at {size:,} rows", peak, "MiB", ratios, wanted))
    most = max(peaks)
    if most > least:
        more = peaks[most] - peaks[least]
        each = {"bytes a row": more * 1024**2 / (most - least)}
        name = f"{most:,} rows over {least:,}"
        figures.append(Figure("memory", name, more, "MiB", also=each))
    return figures


def _peak(rows: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "pairs.jsonl"
        command = [children.EMP_DATAGEN, "pairs", "--no-judge", "--n", rows, "--out", out]
        return children.peak_mib(list(map(str, command)))
