"""Numbers outside of what the trainer can use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.settings.values import number


class Range(NamedTuple):
    """What a number may be; bounds that are None do not bind.

    Attributes:
        least: Smallest legal value.
        most: Largest legal value.
        above: Values must be larger than this.
        below: Values must be smaller than this.
    """

    least: float | None = None
    most: float | None = None
    above: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a value is legal.

        Example:
            >>> Range(above=0, most=1).holds(0), Range(above=0, most=1).holds(1)
            (False, True)
        """
        return (
            (self.least is None or value >= self.least)
            and (self.most is None or value <= self.most)
            and (self.above is None or value > self.above)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        """The range in words."""
        words = (
            ("at least {:g}", self.least),
            ("above {:g}", self.above),
            ("at most {:g}", self.most),
            ("below {:g}", self.below),
        )
        return " and ".join(text.format(bound) for text, bound in words if bound is not None)


COUNT = Range(least=1)
POSITIVE = Range(above=0)
NOT_NEGATIVE = Range(least=0)
SHARE = Range(least=0, most=1)
PART = Range(above=0, most=1)
DECAY = Range(least=0, below=1)

RANGES: dict[KeyPath, Range] = {
    ("micro_batch_size",): COUNT,
    ("gradient_accumulation_steps",): COUNT,
    ("eval_batch_size",): COUNT,
    ("sequence_len",): COUNT,
    ("ray_num_workers",): COUNT,
    ("context_parallel_size",): COUNT,
    ("tensor_parallel_size",): COUNT,
    ("dp_shard_size",): COUNT,
    ("lora_r",): COUNT,
    ("lora_alpha",): POSITIVE,
    ("lora_dropout",): DECAY,
    ("learning_rate",): POSITIVE,
    ("max_grad_norm",): NOT_NEGATIVE,
    ("weight_decay",): NOT_NEGATIVE,
    ("adam_beta1",): DECAY,
    ("adam_beta2",): DECAY,
    ("adam_epsilon",): POSITIVE,
    ("cosine_min_lr_ratio",): SHARE,
    ("warmup_ratio",): SHARE,
    ("warmup_steps",): NOT_NEGATIVE,
    ("logging_steps",): POSITIVE,
    ("save_steps",): NOT_NEGATIVE,
    ("eval_steps",): NOT_NEGATIVE,
    ("val_set_size",): NOT_NEGATIVE,
    ("dataloader_num_workers",): NOT_NEGATIVE,
    ("neftune_noise_alpha",): POSITIVE,
    ("rl_beta",): NOT_NEGATIVE,
    ("orpo_alpha",): NOT_NEGATIVE,
    ("dpo_label_smoothing",): Range(least=0, below=0.5),
    ("kto_desirable_weight",): POSITIVE,
    ("kto_undesirable_weight",): POSITIVE,
    ("trl", "beta"): NOT_NEGATIVE,
    ("trl", "max_completion_length"): COUNT,
    ("trl", "generation_batch_size"): COUNT,
    ("trl", "num_iterations"): COUNT,
    ("trl", "temperature"): POSITIVE,
    ("trl", "top_p"): PART,
    ("trl", "top_k"): NOT_NEGATIVE,
    ("trl", "min_p"): SHARE,
    ("trl", "repetition_penalty"): POSITIVE,
    ("trl", "epsilon"): PART,
    ("trl", "epsilon_high"): POSITIVE,
    ("trl", "entropy_coef"): NOT_NEGATIVE,
    ("trl", "ref_model_mixup_alpha"): SHARE,
    ("trl", "ref_model_sync_steps"): COUNT,
    ("vllm", "gpu_memory_utilization"): PART,
    ("vllm", "tensor_parallel_size"): COUNT,
    ("vllm", "data_parallel_size"): COUNT,
    ("vllm", "max_model_len"): COUNT,
}
"""By key; Axolotl and TRL look at few of them, and training then fails or learns nothing."""


def _vllm_off(recipe: Recipe, key: KeyPath, value: float) -> bool:
    """vLLM, unlike transformers, takes -1 for no limit."""
    return key == ("trl", "top_k") and value == -1 and bool(recipe.get("trl", "use_vllm"))


def check(recipe: Recipe) -> Iterator[Finding]:
    """Numbers that are out of range.

    Args:
        recipe: The recipe.

    Yields:
        An error for each; values that are no numbers are left to the check of types, but for the
        learning rate, which Axolotl's schema takes as any text.
    """
    rate = recipe.get("learning_rate")
    if isinstance(rate, str) and number(rate) is None:
        yield recipe.finding(
            ("learning_rate",), "is no number", suggestion="give one, for example 5.0e-6"
        )
    for key, allowed in RANGES.items():
        value = number(recipe.get(*key))
        if value is not None and not allowed.holds(value) and not _vllm_off(recipe, key, value):
            yield recipe.finding(
                key, f"{value:g} is out of range", suggestion=f"give a number {allowed}"
            )
