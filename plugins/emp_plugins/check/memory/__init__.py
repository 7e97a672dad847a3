"""How much memory a run will take on each GPU.

    >>> from emp_plugins.check.architectures import find
    >>> from emp_plugins.check.recipe import Recipe
    >>> recipe = Recipe.from_text("a.yml", '''
    ... base_model: Qwen/Qwen2.5-1.5B-Instruct
    ... adapter: lora
    ... lora_r: 16
    ... lora_target_linear: true
    ... bf16: true
    ... gradient_checkpointing: true
    ... sequence_len: 1024
    ... micro_batch_size: 4
    ... ''')
    >>> found = estimate(recipe, find(recipe.get("base_model")))
    >>> 10 < found.gib < 12
    True
    >>> [part.name for part in found.parts if part.gib > 0.1]
    ['CUDA context', 'weights', 'optimizer', 'activations', 'logits', 'allocator']

The peak is what is there for good (CUDA context, weights, adapter, gradients, optimizer, judges)
and the largest of the phases of a step, which take turns: generation, scoring, training. Each part
says in ``formula`` how it came about; the modules of this package say why. The allocator keeps
blocks that fit nothing else: 5 % of the rest. For vLLM beside the trainer the sum is the smallest
card that will do.

Nothing of this has been held against a GPU: ``verified`` is False until
``python -m emp_tooling.benchmarks.memory`` has been run on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from emp_plugins.check.architectures.shape import Shape
from emp_plugins.check.memory import activations, generation, judges, trained, weights
from emp_plugins.check.memory.part import GIB, Part
from emp_plugins.check.memory.run import Run
from emp_plugins.check.recipe import Recipe

__all__ = ["GIB", "Estimate", "Part", "estimate"]

CONTEXT = 0.8 * GIB
"""CUDA's own, with the kernels of PyTorch and bitsandbytes loaded."""

FRAGMENTS = 0.05
"""Share that the allocator holds without using it."""

SHOWN = 0.05
"""GiB below which a part is left out of the line for people."""

PHASES = ("training", "generation", "scoring")


@dataclass(frozen=True)
class Estimate:
    """Memory on each GPU.

    Attributes:
        parts: What takes it, in the order in which it is taken.
        length: Tokens of the longest sequence that was reckoned with.
        world: Number of GPUs.
        verified: Whether the formula was held against measured peaks.
    """

    parts: tuple[Part, ...]
    length: int
    world: int = 1
    verified: bool = False

    @property
    def phase(self) -> str:
        """The phase of a step that needs most."""
        return max(PHASES, key=self._in)

    @property
    def bytes(self) -> float:
        """The peak in bytes."""
        return self._in("always") + self._in(self.phase)

    @property
    def gib(self) -> float:
        """The peak in GiB (2^30 bytes)."""
        return self.bytes / GIB

    def __str__(self) -> str:
        """The estimate as one line."""
        gpu = "the GPU" if self.world == 1 else f"each of {self.world} GPUs"
        shown = [
            str(part)
            for part in self.parts
            if part.phase in ("always", self.phase) and part.gib >= SHOWN
        ]
        others = [name for name in PHASES if name != self.phase and self._in(name) >= SHOWN * GIB]
        shown += [f"{name} needs {self._in(name) / GIB:.1f} at another time" for name in others]
        trust = "measured" if self.verified else "unverified estimate"
        return (
            f"about {self.gib:.1f} GiB on {gpu} for sequences of {self.length:,} tokens "
            f"({', '.join(shown)}; {trust})"
        )

    def _in(self, phase: str) -> float:
        return sum(part.bytes for part in self.parts if part.phase == phase)


def estimate(recipe: Recipe, architecture: Mapping[str, Any]) -> Estimate | None:
    """Estimates the memory of a run.

    Args:
        recipe: The recipe; values of a wrong type count as not set.
        architecture: Keys of its base model's ``config.json``.

    Returns:
        The estimate, or None for a model type whose sizes are not known here.
    """
    shape = Shape.of(architecture)
    if shape is None:
        return None
    run = Run.of(recipe, architecture)
    reference = run.method in weights.REFERENCE and not recipe.get("precompute_ref_log_probs")
    found = [
        Part("CUDA context", CONTEXT, "0.8 GiB"),
        *weights.parts(run, shape, reference or run.kl),
        *trained.parts(run, recipe, shape),
        *judges.parts(run, recipe),
        *activations.parts(run, recipe, shape),
        *generation.parts(run, shape),
    ]
    fragments = FRAGMENTS * Estimate(tuple(found), run.length).bytes
    found.append(Part("allocator", fragments, f"{FRAGMENTS:.0%} of the rest"))
    if run.vllm:
        rest = Estimate(tuple(found), run.length)
        always = sum(part.bytes for part in rest.parts if part.phase == "always")
        found.append(generation.vllm(run, shape, always if run.vllm_sleeps else rest.bytes))
    return Estimate(tuple(found), run.length, run.world)
