"""The table, and the arithmetic of groups, against Axolotl's own validation."""

import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from emp_plugins.check.settings.arithmetic.groups import Batch

ROWS = [
    row
    for row in yaml.safe_load((Path(__file__).parent / "arithmetic.yml").read_text())
    if "context_parallel_size" not in str(row)  # Axolotl imports a package for GPUs there
]
GRID = list(itertools.product((1, 3, 4, 8), (1, 2, 4), (1, 2), (2, 8), (None, 8, 16)))
"""Batch, accumulation, processes, generations, generation batch."""

# Faults that Axolotl lets through, to fail after the model has loaded or to go wrong in silence.
LATER = {
    *("rl", "trl.loss_type", "trl.sync_ref_model", "trl.use_data_producer", "trl.async_prefetch"),
    *("trl.reward_weights", "trl.reward_weights[1]", "trl.generation_batch_size"),
    *("micro_batch_size", "eval_batch_size", "sequence_len", "vllm.max_model_len"),
    *("trl.vllm_mode", "vllm.tensor_parallel_size", "lora_r", "lora_alpha", "adapter"),
    *("num_epochs", "fp16", "load_in_8bit", "deepspeed", "resources_per_worker.GPUs"),
}
VALIDATE = """
import json, logging, sys
logging.disable(logging.CRITICAL)
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault

refused = []
for data, world in json.load(sys.stdin):
    gpu = dict(bf16=True, fp8=True, tf32=True, n_gpu=world, n_node=1, compute_capability="sm_90")
    try:
        validate_config(DictDefault(data), gpu, dict(torch_version="2.11.0"))
        refused.append("")
    except Exception as error:
        refused.append(f"{type(error).__name__}: {error}")
print(json.dumps(refused))
"""

pytestmark = pytest.mark.train


def job(edited, base, edit, processes):
    data = dict(edited(base, edit).data)
    data.pop("plugins", None)  # the block and its rewards are ours
    data.pop("empathy", None)
    return data, processes


@pytest.fixture(scope="module")
def verdicts(edited):
    """What Axolotl says of each row's fault, of each row's neighbor, and of the grid."""
    jobs = [
        job(edited, row["base"], row[edit], row.get("processes", 1))
        for edit in ("edit", "but_not")
        for row in ROWS
    ]
    for micro, accumulation, processes, generations, explicit in GRID:
        edit = {
            "micro_batch_size": micro,
            "gradient_accumulation_steps": accumulation,
            "trl": {"num_generations": generations, "generation_batch_size": explicit},
        }
        jobs.append(job(edited, "grpo", edit, processes))
    done = subprocess.run(
        [sys.executable, "-c", VALIDATE],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(done.stdout.strip().splitlines()[-1])
    return said[: len(ROWS)], said[len(ROWS) : 2 * len(ROWS)], said[2 * len(ROWS) :]


def test_it_accepts_every_neighbor(verdicts):
    refused = {str(row["but_not"]): said for row, said in zip(ROWS, verdicts[1], strict=True)}
    assert {edit: said for edit, said in refused.items() if said} == {}


def test_it_refuses_most_faults(verdicts):
    passed = {row["key"] for row, said in zip(ROWS, verdicts[0], strict=True) if not said}
    assert passed <= LATER
    assert sum(map(bool, verdicts[0])) > len(ROWS) / 2


def test_groups(verdicts):
    """What we find beyond Axolotl is what TRL refuses."""
    for numbers, said in zip(GRID, verdicts[2], strict=True):
        batch = Batch(*numbers, axolotl=True)
        ours = batch.fault is not None
        assert ours or not said, numbers
        assert not ours or said or replace(batch, axolotl=False).fault, numbers
    assert any(verdicts[2]) and not all(verdicts[2])
