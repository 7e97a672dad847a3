"""Tiny models and data, made once, and real runs of the console scripts."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
ARCHITECTURES = ("llama", "qwen2", "qwen3", "mistral", "gemma", "phi3")

# Busy cores make single examples slow. The same examples every time: a run that fails says what
# has changed. HYPOTHESIS_PROFILE=explore draws new ones.
settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))

os.environ.setdefault("AXOLOTL_DO_NOT_TRACK", "1")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")


def _run(*command, cwd, check=True, **env):
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, "PATH": path, **env},
        capture_output=True,
        text=True,
        timeout=900,
    )
    if check and done.returncode:
        shown = f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        pytest.fail(f"{command}: exit {done.returncode}\n{shown}")
    return done


@pytest.fixture(scope="session")
def run():
    """Runs a console script of this environment; a failure fails the test."""
    return _run


@pytest.fixture(scope="session")
def workshop(tmp_path_factory):
    """A folder as a user has it before training: recipes, data, and a base model of each kind."""
    folder = tmp_path_factory.mktemp("workshop")
    (folder / "recipes").symlink_to(ROOT / "recipes")
    short = ("--personas", "mdd,gad", "--header", "short")
    bank = ("--bank", ROOT / "tooling/emp_tooling/demo_bank", "--no-judge", "--structure")
    pairs = ("--n", 160, "--out", "build/pairs.jsonl")
    _run("emp-datagen", "pairs", *short, *bank, *pairs, cwd=folder)
    _run("emp-datagen", "prompts", *short, "--n", 60, "--out", "build/prompts.jsonl", cwd=folder)
    _run("emp-datagen", "pairs", "--personas", "mdd", "--n", 160, cwd=folder)
    _run("emp-datagen", "kto", "--personas", "mdd", "--n", 160, cwd=folder)
    _run("emp-datagen", "prompts", cwd=folder)
    _run("emp", "tiny", "--pairs", "build/pairs.jsonl", cwd=folder)
    (folder / "build/tiny_sft").symlink_to("tiny")
    _build_models(folder / "build")
    return folder


# Not for the session: while playwright is open no other test can run an event loop.
@pytest.fixture(scope="module")
def browser():
    """The system's Chromium, without a window; skips where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))
    path = next(found, None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield opened
        opened.close()


def _build_models(build):
    from emp_tooling.tiny import build_model

    for arch in ARCHITECTURES:
        build_model(build / arch, arch)
