"""Keys that belong to another method of training."""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe, dotted
from emp_plugins.check.settings.values import mapping

GRPO = ("grpo", "gdpo")
PAIRS = ("dpo", "ipo")
PREFERENCE = (*PAIRS, "kto", "orpo", "simpo")
KNOWN = ("sft", *PREFERENCE, *GRPO)
LEAVE = "leave it out"

READ_BY: dict[str, tuple[str, ...]] = {
    "rl_beta": (*PREFERENCE, *GRPO),
    "dpo_label_smoothing": ("dpo",),
    "dpo_use_weighting": PAIRS,
    "dpo_padding_free": PAIRS,
    "dpo_use_liger_kernel": PAIRS,
    "precompute_ref_log_probs": PAIRS,
    "orpo_alpha": ("orpo",),
    "kto_desirable_weight": ("kto",),
    "kto_undesirable_weight": ("kto",),
    "simpo_gamma": ("simpo",),
    "cpo_alpha": ("simpo",),
    "excess_length_strategy": ("sft", *PREFERENCE),
    "vllm": GRPO,
}
"""Method-specific keys and who reads them."""

SFT_ONLY: dict[str, str] = {
    "auto_find_batch_size": "lower micro_batch_size by hand",
    "curriculum_sampling": LEAVE,
    "dataloader_drop_last": LEAVE,
    "ddp_broadcast_buffers": LEAVE,
    "ddp_bucket_cap_mb": LEAVE,
    "ddp_find_unused_parameters": LEAVE,
    "do_bench_eval": "use `emp eval` after the run",
    "do_causal_lm_eval": "use `emp eval` after the run",
    "early_stopping_patience": "give max_steps, and keep checkpoints by save_steps",
    "eval_sample_packing": LEAVE,
    "generate_samples": LEAVE,
    "greater_is_better": LEAVE,
    "group_by_length": LEAVE,
    "jagged_restart_steps": LEAVE,
    "lisa_n_layers": LEAVE,
    "lisa_step_interval": LEAVE,
    "load_best_model_at_end": "keep checkpoints by save_steps and choose one yourself",
    "loss_watchdog_threshold": LEAVE,
    "lr_quadratic_warmup": LEAVE,
    "metric_for_best_model": "use save_steps: save_strategy: best would never save",
    "neftune_noise_alpha": LEAVE,
    "pad_to_sequence_len": LEAVE,
    "train_on_inputs": "preference methods and GRPO never learn the prompt; leave it out",
    "use_eaft": LEAVE,
}
"""Keys that only the trainer of SFT is told about, and what to do instead."""

UNREAD = ("lr_div_factor", "preprocess_iterable")
"""Keys that Axolotl accepts and no part of it reads."""


def check(recipe: Recipe) -> Iterator[Finding]:
    """Keys that the recipe's method does not read.

    Args:
        recipe: The recipe.

    Yields:
        A warning for each that asks for something; a note on a beta that is left to TRL.
    """
    if recipe.method not in KNOWN:
        return
    for key, message, advice in [*_unread(recipe), *_foreign(recipe), *_sft_only(recipe)]:
        yield recipe.finding((key,), message, severity="warning", suggestion=advice)
    yield from _blocks(recipe)
    betas: tuple[KeyPath, ...] = (("rl_beta",), ("dpo_beta",), ("orpo_alpha",), ("trl", "beta"))
    yield from _orpo(recipe)
    if recipe.method in PREFERENCE and all(recipe.get(*key) is None for key in betas):
        yield recipe.finding(("rl_beta",), "not set, and TRL's default is 0.1", severity="note")


def _orpo(recipe: Recipe) -> Iterator[Finding]:
    """Axolotl hands one number to TRL as ``beta``, which is what ORPO's alpha is called there."""
    betas: tuple[KeyPath, ...] = (("trl", "beta"), ("rl_beta",))
    winner = next((dotted(key) for key in betas if recipe.get(*key) is not None), "")
    if recipe.method == "orpo" and recipe.get("orpo_alpha") is not None and winner:
        yield recipe.finding(
            ("orpo_alpha",),
            f"{winner} is the one that counts",
            severity="warning",
            suggestion=f"leave {winner} out",
        )


def _name(recipe: Recipe) -> str:
    return "SFT" if recipe.method == "sft" else f"rl: {recipe.method}"


def _unread(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    for key in UNREAD:
        if recipe.get(key):
            yield key, "no part of Axolotl reads it", LEAVE


def _foreign(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    for key, methods in READ_BY.items():
        if not recipe.get(key) or recipe.method in methods:
            continue
        if key == "orpo_alpha" and recipe.method != "sft":
            yield key, f"{_name(recipe)} would take it for its beta", "use rl_beta"
        else:
            yield key, f"{_name(recipe)} does not read it", LEAVE


def _sft_only(recipe: Recipe) -> Iterator[tuple[str, str, str]]:
    if recipe.method == "sft":
        return
    for key, advice in SFT_ONLY.items():
        refused = key == "eval_sample_packing" and recipe.method == "kto"
        if recipe.get(key) and not refused and not _orpo_reads(recipe, key):
            yield key, f"{_name(recipe)} does not read it", advice


def _orpo_reads(recipe: Recipe, key: str) -> bool:
    types = {str(entry.get("type")) for _, entry in recipe.datasets()}
    return key == "train_on_inputs" and "chat_template.argilla" in types


def _blocks(recipe: Recipe) -> Iterator[Finding]:
    """Blocks of GRPO in a recipe of another method, which shares its ``beta`` at most."""
    method = recipe.method
    if method in GRPO:
        return
    for key, value in mapping(recipe, "trl").items():
        if value is not None and value is not False and (key != "beta" or method == "sft"):
            yield recipe.finding(
                ("trl", key),
                f"only GRPO reads it, and this is {_name(recipe)}",
                severity="warning",
                suggestion="leave it out, or use rl: grpo",
            )
    if mapping(recipe, "empathy", "rewards") and recipe.get("empathy", "monitor") is None:
        yield recipe.finding(
            ("empathy", "rewards"),
            f"{_name(recipe)} uses no rewards",
            severity="warning",
            suggestion="leave them out, measure them with a monitor: block, or use rl: grpo",
        )
