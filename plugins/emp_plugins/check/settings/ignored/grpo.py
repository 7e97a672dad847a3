"""Settings of GRPO that do not reach the trainer, and defaults that mean something."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.settings.rules import Rule, findings
from emp_plugins.check.settings.values import number

BETA = ("trl", "beta")
AGGREGATION = ("trl", "multi_objective_aggregation")

ASYNCHRONOUS: dict[str, object] = {
    "prefetch_depth": None,
    "reroll_max_groups": 1,
    "reroll_start_fraction": 1.0,
    "replay_buffer_size": 0,
    "replay_recompute_logps": True,
    "reward_num_workers": 1,
    "skip_zero_advantage_batches": True,
    "streaming_min_groups": None,
    "streaming_partial_batch": None,
    "vllm_lora_sync": False,
    "vllm_sync_interval": None,
}
"""Keys under ``trl`` that only the asynchronous trainer has, with Axolotl's defaults."""

RULES = (
    Rule(
        ("trl", "max_completion_length"),
        lambda recipe: recipe.get("trl", "max_completion_length") is None,
        "missing, and Axolotl then also overrides TRL's default: replies would end after 20 tokens",
        "add trl.max_completion_length: 256",
    ),
    Rule(
        ("trl", "generation_kwargs"),
        lambda recipe: recipe.get("trl", "generation_kwargs"),
        "Axolotl does not pass it on",
        "temperature, top_p, top_k, min_p and repetition_penalty are keys of trl: themselves",
    ),
    Rule(
        ("trl", "chat_template_kwargs"),
        lambda recipe: recipe.get("trl", "chat_template_kwargs"),
        "Axolotl does not pass it on",
        "write a template with these values into chat_template_jinja",
    ),
    Rule(
        ("rl_beta",),
        lambda recipe: (
            recipe.get("rl_beta") is not None
            and recipe.get(*BETA) is not None
            and number(recipe.get("rl_beta")) != number(recipe.get(*BETA))
        ),
        "trl.beta is the one that counts",
        "leave it out",
    ),
    Rule(
        AGGREGATION,
        lambda recipe: (
            recipe.get(*AGGREGATION) == "normalize_then_sum"
            and (number(recipe.get("context_parallel_size")) or 1) > 1
        ),
        "the trainer for context_parallel_size above 1 sums the rewards all the same",
        "leave one of them out",
    ),
    Rule(
        ("rl",),
        lambda recipe: recipe.method == "gdpo" and (number(recipe.get("max_steps")) or 0) <= 0,
        "gdpo counts completions as prompts: an epoch ends after one in num_generations of them",
        "give max_steps, or use rl: grpo with multi_objective_aggregation: normalize_then_sum",
    ),
    Rule(
        ("batch_flattening",),
        lambda recipe: recipe.get("batch_flattening"),
        "only asynchronous GRPO reads it, which fails in this version of Axolotl",
        "leave it out",
    ),
    *(
        Rule(
            ("trl", key),
            lambda recipe, key=key, default=default: recipe.get("trl", key) not in (None, default),
            "only asynchronous GRPO reads it, which fails in this version of Axolotl",
            "leave it out",
        )
        for key, default in ASYNCHRONOUS.items()
    ),
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """What a GRPO recipe says in vain.

    Args:
        recipe: The recipe.

    Yields:
        Warnings; a note where there is no KL term.
    """
    if recipe.method not in ("grpo", "gdpo"):
        return
    yield from findings(recipe, RULES, "warning")
    betas: tuple[KeyPath, ...] = (BETA, ("rl_beta",))
    if all(recipe.get(*key) is None for key in betas):
        yield recipe.finding(
            BETA,
            "not set, and TRL's default is 0: no KL term holds the model near its start",
            severity="note",
            suggestion="trl.beta: 0.04 is a usual value",
        )
