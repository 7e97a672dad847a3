"""Folders as a training leaves them, in the true formats, with numbers that are made up."""

import json
import math
import random
from datetime import UTC, datetime

import yaml

from emp_plugins.affect.hourglass import AXES
from emp_plugins.completion import Template
from emp_plugins.measure import figure
from emp_plugins.monitor import completions, record
from emp_plugins.monitor.history import Point

REWARDS = ("empathy", "tone", "safety", "structure", "mine")
PERSONAS = ("mdd", "gad", "borderline", "job_loss")
EVIL = '<script>alert("x")</script> & $title'
STEPS = (0, 20, 40, 60)
RECIPE = {
    "base_model": "build/tiny_sft",
    "rl": "grpo",
    "adapter": "lora",
    "learning_rate": 4.0e-4,
    "trl": {"beta": 0.04, "num_generations": 8},
    "empathy": {
        "rewards": {"empathy": {"calibration": {"method": "isotonic", "x": [0, 2], "y": [0, 1]}}},
        "monitor": {"every_steps": 20, "calibration": {"temperature": 0.5}},
    },
}


def logs(steps=60, seed=0, gain=1.0):
    rng = random.Random(seed)
    found = []
    for step in range(1, steps + 1):
        part = gain * step / steps
        rewards = {f"rewards/{name}/mean": part + rng.gauss(0, 0.1) for name in REWARDS}
        found.append(
            {
                "step": step,
                **rewards,
                "reward": sum(rewards.values()),
                "kl": 0.1 * part,
                "entropy": 0.5 + rng.gauss(0, 0.02),
                "grad_norm": rng.random(),
                "frac_reward_zero_std": rng.choice([0.0, 0.1, 0.2]),
                "completions/mean_length": 60 + 30 * part + rng.gauss(0, 3),
                "completions/clipped_ratio": rng.choice([0.0, 0.02]),
                "structure/well_formed": 0.8 + 0.1 * part,
                "loss": rng.gauss(0, 0.1),
                "monitor/words": 3.0,
            }
        )
    return found


def write_logs(folder, entries, step=None):
    step = step or (entries[-1]["step"] if entries else 1)
    path = folder / f"checkpoint-{step}/trainer_state.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"log_history": entries, "global_step": step}))
    return path


def point(step, *, temper=0.0, seed=0, gain=0.3):
    """A measurement in which replies to angry clients become as harsh as ``temper`` says."""
    rng = random.Random(seed + step)
    part = step / STEPS[-1]

    def around(mean):
        return figure([mean + rng.gauss(0, 0.05) for _ in range(24)])

    means = {axis.lower(): 0.1 + 0.05 * place for place, axis in enumerate(AXES)}
    means["temper"] += temper * part
    means |= {"polarity": 0.2, "calibrated_polarity": 0.6, "words": 40.0}
    means["acknowledgement"] = 0.7 + 0.5 * temper * part
    means |= {"well_formed": 0.9, "safe": 0.98, "risk_handled": 0.9, "distinct": 0.95}
    means |= {f"reward/{name}": gain * (1 + part) for name in REWARDS}
    means["reward_total"] = 5 * gain * (1 + part)
    groups = {name: dict(means) for name in (*PERSONAS, "risk", *(f"axis:{axis}" for axis in AXES))}
    for name in ("axis:Temper", "borderline"):
        groups[name]["temper"] = means["temper"] + 2 * temper * part
    return Point(
        step,
        {name: around(mean) for name, mean in means.items()},
        {"missing <answer>": 0.1},
        groups,
        {"generation": 0.5, "reward": 0.1, "update": 0.38, "monitor": 0.02},
        1.2,
        3.4,
    )


def write_record(folder, *, temper=0.0, recipe=RECIPE, warnings=(), ended=True, seed=0):
    path = folder / record.NAME
    start = {
        "version": 1,
        "time": datetime(2026, 1, 2, tzinfo=UTC).isoformat(),
        "step": 0,
        "base_model": recipe["base_model"],
        "adapter": "lora",
        "method": "grpo",
        "seed": seed,
        "recipe": recipe,
        "rewards": dict.fromkeys(REWARDS, 1.0),
        "prompts": {"path": None, "sha256": "ab" * 32, "n": 24},
        "data": [{"path": "build/prompts.jsonl", "sha256": "cd" * 32, "rows": 600}],
        "versions": {"trl": "1.9.0", "torch": "2.13.0"},
        "world_size": 1,
        "every_steps": 20,
    }
    record.append(path, "run", start)
    for step in STEPS:
        record.append(path, "point", record.point_line(point(step, temper=temper, seed=seed)))
    for warning in warnings:
        record.append(path, "warning", warning)
    if ended:
        end = {"step": STEPS[-1], "rounds": 4, "seconds": 3.1, "share": 0.019}
        record.append(path, "end", end)
    return path


def reply_lines(*, steps=(STEPS[0], STEPS[-1]), count=12, seed=0):
    rng = random.Random(seed)
    for step in steps:
        for place in range(count):
            answer = f"I hear you, {place}. You should cheer up. " * (1 + place % 4)
            yield {
                "step": step,
                "source": "monitor",
                "id": f"prompt-{place}",
                "group": f"monitor {step}: {place}",
                "persona": PERSONAS[place % 4],
                "risk": place % 3,
                "prompt": [{"role": "user", "content": f"I feel worn out {place}."}],
                "completion": Template(fields=()).render("They are tired.", answer.strip()),
                "rewards": {name: rng.random() for name in REWARDS} | {"mine": None},
                "total": None if place == 5 else 3 * rng.random(),
                "affect": [0.1, 0.0, 0.2, 0.0],
                "polarity": 0.1,
                "rule": "minimizing" if step else "",
                "spans": [[0, 10, "feelings"], [15, 24, "minimizing"]],
                "problems": [] if step else ["missing <answer>"],
            }


def write_replies(folder, **options):
    completions.append(folder / completions.NAME, reply_lines(**options))
    return folder / completions.NAME


def evaluation(verdict="worse"):
    """As ``emp eval`` writes it, as far as the report reads it."""
    side = {"n": 20, "clusters": 5, "p_below": 0.001, "p_above": 1.0}
    return {
        "verdict": verdict,
        "reasons": ["safe replies fell from 98.0 % to 71.0 % (20 units, p < .001)"],
        "base": "build/tiny_sft",
        "model": "build/tiny_grpo",
        "differences": {
            "safe": {**side, "base": 0.98, "model": 0.71, "difference": -0.27}
            | {"low": -0.35, "high": -0.19},
            "acknowledgement": {**side, "base": 0.4, "model": 0.6, "difference": 0.2}
            | {"low": 0.1, "high": 0.3},
            "words": {**side, "base": 30.0, "model": 45.0, "difference": 15.0}
            | {"low": 9.0, "high": 21.0},
            "broken": {"base": math.nan, "model": "x"},
        },
    }


def write_run(folder, *, recipe=None, temper=0.0, warnings=(), seed=0, replies=True):
    """Everything that a monitored run leaves."""
    write_logs(folder, logs(seed=seed, gain=1 - 2 * abs(temper)))
    write_record(folder, temper=temper, warnings=warnings, seed=seed, recipe=recipe or RECIPE)
    if replies:
        write_replies(folder, seed=seed)
    (folder / "config.yml").write_text(yaml.safe_dump(recipe or RECIPE))
    return folder
