"""The ``emp`` command line: a table of verbs, each loaded when it is used."""

from __future__ import annotations

from emp_datagen.lazy import LazyGroup

VERBS = {
    "audit": (
        "emp_tooling.audit.command:command",
        "Measure a recipe's rewards against labels, attacks and risk.",
    ),
    "calibrate": (
        "emp_tooling.calibrate.command:command",
        "Fit a judge's calibration to experts' labels.",
    ),
    "chat": ("emp_tooling.chat.command:command", "Talk to a recipe's model."),
    "check": ("emp_tooling.check.command:command", "Say what is wrong with recipes."),
    "demo": ("emp_tooling.demo:command", "Run the whole job on a tiny model and report on it."),
    "eval": (
        "emp_tooling.evaluate.command:command",
        "Compare a recipe's model before and after training.",
    ),
    "mood": ("emp_tooling.mood.command:command", "Show the mood profile of conversations."),
    "recipes": ("emp_tooling.recipes.command:command", "List recipes, or start one from another."),
    "report": ("emp_tooling.report.command:command", "Write a page on runs of a training."),
    "schema": ("emp_tooling.schema.command:command", "Write the JSON Schema of recipes."),
    "score": ("emp_tooling.score.command:command", "Show a recipe's rewards on replies, and why."),
    "tiny": ("emp_tooling.tiny:command", "Build a tiny base model to try recipes on."),
    "train": ("emp_tooling.train.command:command", "Train a recipe with Axolotl or Unsloth."),
    "train-risk": ("emp_tooling.train_risk:command", "Train or check the embedded risk judge."),
    "train-emotion": (
        "emp_tooling.train_emotion:command",
        "Train or check the embedded emotion judge.",
    ),
}

main = LazyGroup(
    "emp",
    verbs=VERBS,
    help="Empathetic, clinically safe language models: tools around the recipes.",
)
