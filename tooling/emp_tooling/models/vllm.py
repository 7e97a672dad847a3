"""A model in a local folder, by vLLM's engine in this process.

Written against the source of vLLM 0.20.2, and run on no machine so far: it needs a GPU.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.models import Messages, OnReply, Progress, quiet, unheard
from emp_tooling.models.adapter import settings
from emp_tooling.models.sampling import Sampling

RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes as ``max_lora_rank``."""


class VllmModel:
    """A model and, if there is one, its LoRA adapter, which vLLM applies to each request.

    The base model runs in the precision of its weights: vLLM is not asked to load it in 4 bits as
    QLoRA trained it, so replies can differ a little from transformers'.

    Attributes:
        name: The adapter's folder, or the model's.
    """

    def __init__(
        self,
        model: str | Path,
        adapter: str | Path | None = None,
        *,
        sampling: Sampling | None = None,
        tensor_parallel: int = 1,
        gpu_memory_utilization: float = 0.9,
    ) -> None:
        """Starts the engine.

        Args:
            model: Folder of the base model, or of a merged one, or its name in the hub's cache.
            adapter: Folder of a LoRA adapter on it.
            sampling: How tokens are drawn.
            tensor_parallel: GPUs that share the model.
            gpu_memory_utilization: Share of their memory that the engine takes, in (0, 1].

        Raises:
            InputError: vLLM is not installed, or a folder cannot be used.
        """
        try:
            from vllm import LLM
        except ImportError:
            raise InputError("vllm is missing: pip install 'empathy-recipes[vllm]'") from None
        from emp_tooling.models.loading import load_tokenizer

        self.name, self._base = str(adapter or model), str(model)
        self._sampling = sampling or Sampling()
        self._tokenizer = load_tokenizer(model, adapter)
        self._adapter = None if adapter is None else str(adapter)
        lora = {} if adapter is None else {"enable_lora": True, "max_lora_rank": rank(adapter)}
        self._engine = LLM(
            model=str(model),
            tensor_parallel_size=tensor_parallel,
            gpu_memory_utilization=gpu_memory_utilization,
            trust_remote_code=False,
            **lora,
        )

    @property
    def has_adapter(self) -> bool:
        """Whether replies come from an adapter that can be switched off."""
        return self._adapter is not None

    def without_adapter(self) -> VllmModel:
        """The base model: the same engine, asked without the adapter."""
        base = copy.copy(self)
        base.name, base._adapter = self._base, None
        return base

    def reply(
        self,
        prompts: Sequence[Messages],
        *,
        seed: int = 0,
        progress: Progress = quiet,
        on_reply: OnReply = unheard,
    ) -> list[str]:
        """Samples one reply to each prompt, see ``Model.reply``; all are reported at the end.

        Raises:
            InputError: The chat template refuses a prompt.
        """
        from vllm.lora.request import LoRARequest

        from emp_tooling.models.loading import prompt

        texts = [prompt(messages, self._tokenizer) for messages in prompts]
        # The chat template already wrote the special tokens.
        tokens = self._tokenizer(texts, add_special_tokens=False)["input_ids"]
        outputs = self._engine.generate(
            [{"prompt_token_ids": ids} for ids in tokens],
            sampling_params=[self._params(seed + index) for index in range(len(texts))],
            lora_request=LoRARequest("trained", 1, self._adapter) if self._adapter else None,
            use_tqdm=False,
        )
        replies = [output.outputs[0].text for output in outputs]
        for index, text in enumerate(replies):
            on_reply(index, text)
            progress(index + 1, len(replies))
        return replies

    def stream(self, messages: Messages, *, seed: int | None = None) -> Iterator[str]:
        """Samples one reply, in one piece: this engine gives whole replies only.

        Raises:
            InputError: The chat template refuses the prompt.
        """
        import secrets

        drawn = secrets.randbelow(2**31) if seed is None else seed
        yield from self.reply([messages], seed=drawn)

    def close(self) -> None:
        """Lets the engine go; its memory is freed when nothing else holds it."""
        self._engine = None

    def _params(self, seed: int) -> Any:
        from vllm import SamplingParams

        return SamplingParams(
            max_tokens=self._sampling.max_new_tokens,
            temperature=self._sampling.temperature,
            top_p=self._sampling.top_p,
            top_k=self._sampling.top_k,
            min_p=self._sampling.min_p or 0.0,
            repetition_penalty=self._sampling.repetition_penalty,
            seed=seed,
        )


def rank(adapter: str | Path) -> int:
    """The smallest ``max_lora_rank`` of vLLM that an adapter fits.

    Args:
        adapter: Its folder.

    Returns:
        One of ``RANKS``.

    Raises:
        InputError: The adapter has no configuration, names no rank, or a larger one.
    """
    read = settings(Path(adapter))
    own = [read.get("r"), *(read.get("rank_pattern") or {}).values()]
    fitting = [size for size in RANKS if all(isinstance(r, int) and r <= size for r in own)]
    if not fitting:
        raise InputError(
            f"{adapter}: vLLM takes LoRA ranks up to {RANKS[-1]}; the adapter's: {own}"
        )
    return fitting[0]
