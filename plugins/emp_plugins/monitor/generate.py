"""Replies of the model in training, drawn so that the training does not notice."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.messages import Message, rendered
from emp_plugins.monitor.failure import reason


@dataclass(frozen=True)
class Sampling:
    """How replies are drawn.

    Attributes:
        max_new_tokens: Longest reply.
        temperature: 0 for greedy.
        batch_size: Prompts that run together on one process.
        seed: Of the noise, the same at each call.
    """

    max_new_tokens: int = 256
    temperature: float = 0.7
    batch_size: int = 24
    seed: int = 0


def sample(
    trainer: Any, prompts: Sequence[Sequence[Message]], sampling: Sampling
) -> list[str] | None:
    """Draws a reply to each prompt from the model that a trainer trains.

    All processes share the prompts and must call it together. The model is used where it is, with
    transformers, also where vLLM writes the replies of the training: what is measured are the
    weights at hand. Random states, modes and gradient checkpointing are afterwards what they were.

    Args:
        trainer: A transformers trainer that has begun to train; adapters, DDP, FSDP and ZeRO-3.
        prompts: Messages that end with the client's.
        sampling: How to draw.

    Returns:
        The completions in the prompts' order on the main process, None on the others.

    Raises:
        InputError: Another process could not generate; raised on the main process alone.
        Exception: What the model raised; its modes and the random states are then put back too.
    """
    from accelerate.utils import gather_object

    accelerator = trainer.accelerator
    rank, world = accelerator.process_index, accelerator.num_processes
    # Each process runs as many batches as the others: sharded weights are gathered by all at once.
    share = -(-len(prompts) // world)
    mine = [prompts[(rank + place * world) % len(prompts)] for place in range(share)]
    with kept_random_state(sampling.seed + rank), _in_generation(trainer) as model:
        texts, fault = _all_replies(trainer, model, mine, sampling)
    if world == 1 and fault is not None:
        raise fault
    gathered = gather_object([(texts, "" if fault is None else reason(fault))])
    if not accelerator.is_main_process:
        return None
    for process, (_, why) in enumerate(gathered):
        if why:
            raise InputError(f"process {process} could not generate: {why}")
    return [gathered[place % world][0][place // world] for place in range(len(prompts))]


@contextlib.contextmanager
def kept_random_state(seed: int) -> Iterator[None]:
    """Draws from a seed inside, and goes on outside as if nothing had been drawn.

    Args:
        seed: Of Python, numpy and torch.
    """
    import torch

    python, arrays = random.getstate(), np.random.get_state()
    # A seed reaches the generators of all GPUs, among which one process may have split its model.
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_available() else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        random.seed(seed)
        np.random.seed(seed % 2**32)
        try:
            yield
        finally:
            random.setstate(python)
            np.random.set_state(arrays)


def _all_replies(
    trainer: Any, model: Any, prompts: Sequence[Sequence[Message]], sampling: Sampling
) -> tuple[list[str], Exception | None]:
    """The replies, or why there are none: the contexts around this must end as usual.

    TRL puts gradient checkpointing back only then, and the other processes must hear of it.
    """
    texts: list[str] = []
    size = sampling.batch_size
    try:
        for start in range(0, len(prompts), size):
            texts += _replies(trainer, model, prompts[start : start + size], sampling)
    except Exception as error:
        if _sharded(trainer.accelerator):  # the others wait for this one within the model
            raise SystemExit(f"Error: the monitor could not generate: {reason(error)}") from error
        return [], error
    return texts, None


def _replies(
    trainer: Any, model: Any, batch: Sequence[Sequence[Message]], sampling: Sampling
) -> list[str]:
    import torch

    tokenizer = _tokenizer(trainer)
    ids = [
        tokenizer(rendered(messages, tokenizer), add_special_tokens=False)["input_ids"]
        for messages in batch
    ]
    longest = max(map(len, ids))
    pad = tokenizer.eos_token_id if tokenizer.pad_token_id is None else tokenizer.pad_token_id
    # Padded here, not by the tokenizer, whose side belongs to the training.
    tokens = torch.tensor([[pad] * (longest - len(row)) + row for row in ids], device=model.device)
    mask = torch.tensor(
        [[0] * (longest - len(row)) + [1] * len(row) for row in ids], device=model.device
    )
    with torch.no_grad():
        done = model.generate(
            input_ids=tokens,
            attention_mask=mask,
            generation_config=_generation_config(model, tokenizer, pad, sampling),
            synced_gpus=_sharded(trainer.accelerator),
        )
    return tokenizer.batch_decode(done[:, longest:], skip_special_tokens=True)


def _generation_config(model: Any, tokenizer: Any, pad: int, sampling: Sampling) -> Any:
    """Plain sampling; what the model's own configuration would add is set to have no effect."""
    from transformers import GenerationConfig

    own = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    ends = {*(own if isinstance(own, list) else [own]), tokenizer.eos_token_id} - {None}
    drawn = {"do_sample": True, "temperature": sampling.temperature, "top_k": 0, "top_p": 1.0}
    return GenerationConfig(
        max_new_tokens=sampling.max_new_tokens,
        pad_token_id=pad,
        eos_token_id=sorted(ends),
        repetition_penalty=1.0,
        use_cache=True,
        **(drawn if sampling.temperature else {"do_sample": False}),
    )


def _tokenizer(trainer: Any) -> Any:
    """The tokenizer, also where the processor of a model for images and text holds it."""
    return getattr(trainer.processing_class, "tokenizer", trainer.processing_class)


def _sharded(accelerator: Any) -> bool:
    """Whether each forward pass is one of all processes, so that none may end before the others."""
    from trl.distributed import DistributedBackend

    backend = DistributedBackend(accelerator)
    return accelerator.num_processes > 1 and (backend.is_zero3 or backend.is_fsdp)


@contextlib.contextmanager
def _in_generation(trainer: Any) -> Iterator[Any]:
    """The model without its wrappers, ready to generate; its modes are put back."""
    from torch.distributed.fsdp import register_fsdp_forward_method
    from trl.distributed import DistributedBackend
    from trl.models import unwrap_model_for_generation

    accelerator, wrapped = trainer.accelerator, trainer.model_wrapped
    training = {module: module.training for module in wrapped.modules()}
    # TRL switches gradient checkpointing on again with settings of its own.
    checkpointing = {
        module: module._gradient_checkpointing_func
        for module in wrapped.modules()
        if hasattr(module, "_gradient_checkpointing_func")
    }
    with (
        unwrap_model_for_generation(wrapped, accelerator) as model,
        DistributedBackend(accelerator).summon_full_params(wrapped, recurse=False),
    ):
        if "generate" not in vars(model):  # FSDP2 gathers weights around what is registered, once
            register_fsdp_forward_method(model, "generate")
        model.eval()
        try:
            yield model
        finally:
            for module, mode in training.items():
                module.training = mode
    for module, function in checkpointing.items():
        module._gradient_checkpointing_func = function
