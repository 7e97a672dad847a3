"""The monitor samples from a model whose weights two processes share by FSDP 2."""

import json
from pathlib import Path

import pytest

pytestmark = [pytest.mark.train, pytest.mark.slow]
SCRIPT = Path(__file__).with_name("sharded.py")


def test_samples_and_trains_on(run, workshop):
    command = ("torchrun", "--nproc_per_node", 2, SCRIPT, "build/llama")
    done = run(*command, cwd=workshop, OMP_NUM_THREADS="1", ACCELERATE_USE_CPU="true")
    first, second = (json.loads(line) for line in done.stdout.splitlines() if line[:1] == "{")
    assert len(first["texts"]) == len(second["texts"]) == 3 and all(first["texts"])
    assert len(set(first["texts"])) > 1
    assert second["loss"] < first["loss"]
