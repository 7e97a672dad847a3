"""What Axolotl makes of a recipe and what this engine makes of it are the same."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest
import yaml

from emp_tooling.train.unsloth.chat import tokenize
from emp_tooling.train.unsloth.mapping import Unsupported, plan
from emp_tooling.train.unsloth.trainers import config

pytestmark = pytest.mark.train

RECIPES = sorted((Path(__file__).parents[3] / "recipes").glob("*.yml"))
ROWS = 1000
NO_MATTER = {
    "accelerator_config": "the defaults, as an object and as a mapping",
    "average_tokens_across_devices": "there is one device",
    "bf16": "Axolotl's side is built without a GPU",
    "dataloader_num_workers": "speed",
    "dataloader_pin_memory": "speed",
    "dataloader_prefetch_factor": "speed",
    "dataset_num_proc": "speed",
    "gradient_checkpointing_kwargs": "how gradients are recomputed",
    "activation_offloading": "no value and false",
    "lr_scheduler_kwargs": "no value and an empty mapping",
    "use_cpu": "this side is built without a GPU",
}

ARGUMENTS = """
import json, math, sys
import yaml
from axolotl.core.builders import HFCausalTrainerBuilder, HFRLTrainerBuilder
from axolotl.prompt_strategies.chat_template import load
from axolotl.utils.config import validate_config
from axolotl.utils.dict import DictDefault
from transformers import AutoTokenizer

gpu = dict(bf16=True, fp8=True, tf32=True, n_gpu=1, n_node=1, compute_capability="sm_90")
rows, folder, conversations, *paths = sys.argv[1:]
found = {}
for path in paths:
    cfg = DictDefault(yaml.safe_load(open(path)))
    for key in ("plugins", "empathy"):  # the plugin would want the data files
        cfg.pop(key, None)
    cfg = validate_config(cfg, capabilities=gpu, env_capabilities=dict(torch_version="2.11.0"))
    cfg |= {"bf16": False, "tf32": False}
    cfg.eval_batch_size = cfg.eval_batch_size or cfg.micro_batch_size
    batch = cfg.micro_batch_size * cfg.gradient_accumulation_steps
    total = None if cfg.rl == "grpo" else math.ceil(int(rows) * cfg.num_epochs / batch)
    if cfg.rl:
        builder = HFRLTrainerBuilder(cfg, None, None)
        builder.eval_dataset = cfg.test_datasets
        found[path] = builder._build_training_arguments(total)[0].to_dict()
    else:
        builder = HFCausalTrainerBuilder(cfg, None, None)
        builder.eval_dataset = cfg.test_datasets
        found[path] = builder._set_base_training_args(min(total, cfg.max_steps or total))[0]

tokenizer = AutoTokenizer.from_pretrained(folder)
cfg = DictDefault({"sequence_len": 512, "train_on_inputs": False})
cfg.chat_template = "tokenizer_default"
strategy = load(tokenizer, cfg, DictDefault({"field_messages": "messages"}).to_dict())
said = [json.loads(line) for line in open(conversations)]
tokens = [strategy.tokenize_prompt(row) for row in said]
print(json.dumps([found, [[row["input_ids"], row["labels"]] for row in tokens]], default=str))
"""


def mapped():
    for path in RECIPES:
        data = yaml.safe_load(path.read_text()) | {"bf16": "auto"}
        try:
            yield path, plan(data)
        except Unsupported:
            continue


@pytest.fixture(scope="module")
def axolotl(run, tmp_path_factory, tokenizer, rows):
    """Axolotl's arguments of each recipe that maps, and its tokens of a few conversations."""
    folder = tmp_path_factory.mktemp("agreement")
    tokenizer.save_pretrained(folder / "tokenizer")
    system = {"role": "system", "content": "Be kind.\n"}
    said = [*rows["sft"], *({"messages": [system, *row["messages"]]} for row in rows["sft"])]
    (folder / "said.jsonl").write_text("".join(json.dumps(row) + "\n" for row in said))
    paths = [str(path) for path, _ in mapped()]
    given = (str(ROWS), "tokenizer", "said.jsonl", *paths)
    done = run(sys.executable, "-c", ARGUMENTS, *given, cwd=folder)
    arguments, tokens = json.loads(done.stdout.strip().splitlines()[-1])
    return arguments, said, tokens


def test_every_argument_is_the_same(axolotl):
    arguments, _, _ = axolotl
    assert len(arguments) > 10
    for path, found in mapped():
        found = dataclasses.replace(found, trainer={**found.trainer, "use_cpu": True})
        ours, theirs = config(found, ROWS).to_dict(), arguments[str(path)]
        same = (ours.keys() & theirs.keys()) - NO_MATTER.keys()
        different = {key: (theirs[key], ours[key]) for key in same if theirs[key] != ours[key]}
        assert different == {}, path
        assert len(same) > (20 if found.method == "sft" else 90)


def test_the_same_tokens_are_trained(axolotl, tokenizer):
    _, said, tokens = axolotl
    assert len(tokens) == len(said)
    for row, (ids, labels) in zip(said, tokens, strict=True):
        assert tokenize(row["messages"], tokenizer) == {"input_ids": ids, "labels": labels}
