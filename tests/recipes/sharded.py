"""Each of two processes holds a part of a model's weights, samples together and trains on.

Run by torchrun with the model's folder; the main process prints the replies of each round.
"""

import json
import sys
from types import SimpleNamespace

import torch
import torch.distributed as dist
from accelerate import PartialState
from peft import LoraConfig, get_peft_model
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from transformers import AutoModelForCausalLM, AutoTokenizer

from emp_plugins.monitor.generate import Sampling, sample

PROMPTS = [[{"role": "user", "content": text}] for text in ("I failed.", "I hate him!", "Fine.")]


def trainer(folder):
    """What the monitor asks of a trainer whose model FSDP 2 shards, without a GPU."""
    mesh = init_device_mesh("cpu", (dist.get_world_size(),))
    model = AutoModelForCausalLM.from_pretrained(folder)
    model = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear"))
    for layer in model.base_model.model.model.layers:
        fully_shard(layer, mesh=mesh)
    fully_shard(model, mesh=mesh)
    plugins = SimpleNamespace(deepspeed_plugin=None, fsdp_plugin=SimpleNamespace(fsdp_version=2))
    accelerator = SimpleNamespace(
        process_index=dist.get_rank(),
        num_processes=dist.get_world_size(),
        is_main_process=dist.get_rank() == 0,
        state=plugins,
        unwrap_model=lambda wrapped: wrapped,
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    return SimpleNamespace(accelerator=accelerator, model_wrapped=model, processing_class=tokenizer)


def main():
    """Samples before and after a training step."""
    PartialState(cpu=True)  # begins the process group
    torch.manual_seed(0)
    made = trainer(sys.argv[1])
    model, tokenizer = made.model_wrapped, made.processing_class
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-3)
    ids = torch.tensor([tokenizer("I hear you, and I am here.")["input_ids"]])
    for _ in range(2):
        texts = sample(made, PROMPTS, Sampling(max_new_tokens=12, batch_size=1))
        model.train()
        loss = model(input_ids=ids, labels=ids).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if texts is not None:
            print(json.dumps({"texts": texts, "loss": loss.item()}), flush=True)
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
