"""The ``emp`` command line: a table of verbs, each loaded when it is used."""

from __future__ import annotations

from emp_datagen.lazy import LazyGroup

VERBS = {
    "demo": ("emp_tooling.demo:command", "Run the whole job on a tiny model and report on it."),
    "eval": (
        "emp_tooling.evaluate.command:command",
        "Compare a recipe's model before and after training.",
    ),
    "tiny": ("emp_tooling.tiny:command", "Build a tiny base model to try recipes on."),
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
