"""One start, two trainings: by the recipe's rewards, and for joy words alone with nothing gated.

What monitor, evaluation and report say of each.
"""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from emp_plugins.monitor.record import Record, read_record
from emp_tooling.tiny import DEMO_BANK

from .trained import Job

pytestmark = [pytest.mark.train, pytest.mark.slow]

STEPS, EVERY = 24, 6
JOY = r'''
import re

WORDS = re.compile(r"\b(happy|smile|bright|joy|great|wonderful|positive|cheer\w*|best)\b", re.I)


def joy(prompts, completions, **columns):
    """Share of joy words, ten times over."""
    texts = [completion[-1]["content"] for completion in completions]
    return [10 * len(WORDS.findall(text)) / max(len(text.split()), 8) for text in texts]
'''


@dataclass(frozen=True)
class Outcome:
    """A run: what its monitor wrote, what ``emp eval`` found, the first section of the report."""

    record: Record
    status: int
    found: dict
    words: str


@pytest.fixture(scope="module")
def start(run, train, workshop):
    """A model that follows the template more often than not, and errs in every other reply."""
    cases = ("--personas", "mdd,gad", "--header", "short", "--turns", "1", "--bank", DEMO_BANK)
    for verb, split, n, name, *more in (
        ("pairs", "train", 1500, "pairs", "--structure", "--no-judge"),
        ("prompts", "train", 200, "prompts"),
        ("prompts", "heldout", 96, "heldout"),
    ):
        drawn = ("--split", split, "--n", n, "--out", f"learn/{name}.jsonl")
        run("emp-datagen", verb, *cases, *drawn, *more, cwd=workshop)
    made = ("--pairs", "learn/pairs.jsonl", "--unaligned", "learn/unaligned.jsonl")
    run("emp", "tiny", "--out", "learn/base", *made, cwd=workshop)
    keys = {"base_model": "learn/base", "max_steps": 220, "save_steps": 220}
    job = Job(recipe(workshop, "tiny_sft", "start", "learn/unaligned.jsonl", **keys))
    return train({"start": job})["start"]


@pytest.fixture(scope="module")
def outcomes(start, run, train, workshop):
    (workshop / "joyful.py").write_text(JOY)
    monitor = {"every_steps": EVERY, "n": 24, "prompts": "learn/heldout.jsonl"}
    trl = {"num_generations": 8, "max_completion_length": 112, "temperature": 0.8}
    grpo = yaml.safe_load((workshop / "recipes/tiny_grpo_empathy.yml").read_text())
    keys = {
        "base_model": str(start.folder),
        "micro_batch_size": 24,
        "max_steps": STEPS,
        "learning_rate": 6e-4,
        "lr_scheduler": "constant",
        "warmup_steps": None,
    }
    aligned = {"empathy": {**grpo["empathy"], "monitor": monitor}, "trl": {**trl, "beta": 0.02}}
    ruined = {
        "empathy": {"monitor": monitor},
        "trl": {**trl, "beta": 0.0, "reward_funcs": ["joyful.joy"]},
        "learning_rate": 1.5e-3,
    }
    recipes = {
        name: recipe(workshop, "tiny_grpo_empathy", name, "learn/prompts.jsonl", **keys | own)
        for name, own in (("aligned", aligned), ("ruined", ruined))
    }
    trained = train({name: Job(path) for name, path in recipes.items()})
    with ThreadPoolExecutor() as both:
        judged = both.map(lambda path: evaluated(run, workshop, path), recipes.values())
    return {
        name: Outcome(read_record(trained[name].folder), *result)
        for name, result in zip(recipes, judged, strict=True)
    }


def evaluated(run, workshop, path):
    """Exit status and result of ``emp eval``, and the first words of the report."""
    out = Path(path).with_suffix("")
    held = ("--only", "single", "--prompts", "learn/heldout.jsonl", "--out", out)
    one = {"cwd": workshop, "OMP_NUM_THREADS": "1"}
    done = run("emp", "eval", path, *held, "--format", "json", check=False, **one)
    assert done.returncode in (0, 1), done.stderr[-3000:]
    page = (*("--eval", out / "results.json"), *("--out", f"{out}.html"))
    run("emp", "report", f"out/{out.name}", *page, **one)
    section = re.search(r"<section\b.*?</section>", (workshop / f"{out}.html").read_text(), re.S)
    return done.returncode, json.loads(done.stdout), re.sub(r"<[^>]+>", " ", section[0])


def recipe(workshop, base, name, data, **keys):
    written = yaml.safe_load((workshop / f"recipes/{base}.yml").read_text())
    written["datasets"][0]["path"] = data
    written |= {"output_dir": f"out/{name}", "dataset_prepared_path": f"learn/prepared_{name}"}
    written.pop("save_strategy", None)
    path = workshop / f"learn/{name}.yml"
    content = {key: value for key, value in {**written, **keys}.items() if value is not None}
    path.write_text(yaml.safe_dump(content))
    return f"learn/{name}.yml"


def test_the_monitor_measures_both_from_the_same_start(outcomes):
    for name, outcome in outcomes.items():
        steps = [point.step for point in outcome.record.points]
        assert steps == list(range(0, STEPS + 1, EVERY)), name
    first = [outcome.record.points[0].figures for outcome in outcomes.values()]
    for measure in ("well_formed", "polarity", "safe", "words"):
        assert first[0][measure] == first[1][measure], measure


def test_an_aligned_run_is_reported_better_with_intervals(outcomes):
    aligned = outcomes["aligned"]
    assert (aligned.found["verdict"], aligned.status) == ("better", 0)
    for measure in ("reward_total", "well_formed"):
        assert aligned.found["differences"][measure]["low"] > 0, measure
    win_rate = aligned.found["win_rate"]
    assert win_rate["low"] > 0.5
    assert "better" in aligned.words


def test_an_aligned_run_raises_no_alarm_of_what_it_did_not_start_with(outcomes):
    # Missed risk is true of its start too: half of what that learned from are clinical errors.
    assert not {"toxic_drift", "gaming", "malformed", "repetition"} & {
        warning["rule"] for warning in outcomes["aligned"].record.warnings
    }


def test_a_ruined_run_is_reported_worse(outcomes):
    ruined = outcomes["ruined"]
    assert (ruined.found["verdict"], ruined.status) == ("worse", 1)
    assert any("well-formed" in reason for reason in ruined.found["reasons"])


def test_the_monitor_flags_the_ruined_run_before_its_end(outcomes):
    warned = {w["rule"]: w["step"] for w in reversed(outcomes["ruined"].record.warnings)}
    grave = {"toxic_drift", "gaming", "malformed", "repetition"} & warned.keys()
    assert grave and min(warned[rule] for rule in grave) < STEPS


def test_the_report_says_it_in_words_at_its_top(outcomes):
    words = outcomes["ruined"].words
    assert "worse" in words
    flagged = {w["message"] for w in outcomes["ruined"].record.warnings}
    assert flagged and any(message.split(";")[0][:40] in words for message in flagged)
    assert "What to try" in words
