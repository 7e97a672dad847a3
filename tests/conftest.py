"""Tiny models and data, made once, and real runs of the console scripts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent

settings.register_profile("house", deadline=None)  # two busy cores make single runs slow
settings.load_profile("house")

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def run(*command, cwd, check=True, env=()):
    """Runs a console script of this environment; with `check`, shows its output when it fails."""
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PATH": path, **dict(env)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    if check and done.returncode:
        pytest.fail(
            f"{command}: exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        )
    return done


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """A folder as `make demo` has it before training: recipes, data and a model of each kind."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "recipes").symlink_to(ROOT / "recipes")
    data = ("--personas", "mdd,gad", "--header", "short")
    run(
        "emp-datagen",
        "pairs",
        *data,
        "--structure",
        "--n",
        160,
        "--out",
        "build/pairs.jsonl",
        cwd=folder,
    )
    run("emp-datagen", "prompts", *data, "--n", 60, "--out", "build/prompts.jsonl", cwd=folder)
    run("emp-datagen", "pairs", "--personas", "mdd", cwd=folder)
    for arch in ("llama", "qwen2"):
        run(
            "emp",
            "tiny",
            "--arch",
            arch,
            "--out",
            f"build/{arch}",
            "--pairs",
            "build/pairs.jsonl",
            cwd=folder,
        )
    return folder
