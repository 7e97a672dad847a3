"""Sampling from a real model in training, which must not notice it, also where it fails."""

import random
from types import SimpleNamespace

import numpy as np
import pytest

from emp_plugins.monitor.generate import Sampling, sample

PROMPTS = [[{"role": "user", "content": text}] for text in ("I failed.", "I hate him!", "Fine.")]
SAMPLING = Sampling(max_new_tokens=8, batch_size=2)


@pytest.fixture(scope="module")
def trainer(workshop):
    """What a trainer holds once it trains: an adapter with dropout, gradient checkpointing on."""
    from accelerate import Accelerator
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = workshop / "build/tiny"
    base = AutoModelForCausalLM.from_pretrained(folder)
    model = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear", lora_dropout=0.1))
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model.train()
    return SimpleNamespace(
        accelerator=Accelerator(cpu=True),
        model_wrapped=model,
        processing_class=AutoTokenizer.from_pretrained(folder),
    )


def state(trainer):
    """All that the next step of the training depends on, but for the weights."""
    import torch

    modules = list(trainer.model_wrapped.modules())
    return (
        torch.get_rng_state().tolist(),
        random.getstate(),
        np.random.get_state()[1].tolist(),
        [module.training for module in modules],
        [getattr(module, "gradient_checkpointing", None) for module in modules],
        [id(getattr(module, "_gradient_checkpointing_func", None)) for module in modules],
    )


def test_the_same_replies_each_time_and_the_training_as_it_was(trainer):
    before = state(trainer)
    first, second = (sample(trainer, PROMPTS, SAMPLING) for _ in range(2))
    assert first == second and len(first) == 3 and len(set(first)) > 1
    assert state(trainer) == before
    assert any(before[3]) and any(before[4])


def test_a_model_that_fails_leaves_the_training_as_it_was(trainer, monkeypatch):
    def full(**arguments):
        raise MemoryError("no room for the cache")

    before = state(trainer)
    with monkeypatch.context() as patch:
        patch.setattr(trainer.model_wrapped, "generate", full)
        with pytest.raises(MemoryError, match="no room"):
            sample(trainer, PROMPTS, SAMPLING)
    assert state(trainer) == before
    assert len(sample(trainer, PROMPTS, SAMPLING)) == 3
