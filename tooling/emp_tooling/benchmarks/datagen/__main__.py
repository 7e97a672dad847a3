"""``python -m emp_tooling.benchmarks.datagen``: how fast and how large a run is."""

from __future__ import annotations

from emp_tooling.benchmarks.datagen.command import command

if __name__ == "__main__":
    command(prog_name="python -m emp_tooling.benchmarks.datagen")
