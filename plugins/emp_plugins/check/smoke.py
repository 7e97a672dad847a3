"""Calls each reward once, on two replies, where its judges are at hand."""

from __future__ import annotations

import asyncio
import inspect
import math
import os
import pickle
import traceback
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from emp_plugins.check.datasets.files import files_of, kind_of
from emp_plugins.check.datasets.reader import read
from emp_plugins.check.datasets.reads import kept
from emp_plugins.check.finding import Finding
from emp_plugins.check.imports.functions import REWARDED, from_here, functions
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.judges import BACKENDS
from emp_plugins.rewards import build, formula

CLIENT = "I failed my exam and I can't stop crying. I feel like I let everyone down."
REPLIES = (
    "I'm so sorry, that sounds really painful. What has been the hardest part today?",
    "Everybody fails now and then. Try harder next time.",
)


def check(recipe: Recipe) -> Iterator[Finding]:
    """Calls the rewards of a recipe, its own functions included.

    Args:
        recipe: The recipe; one with a wrong ``empathy:`` block is left to the check of that block.

    Yields:
        An error for each reward that raises or gives something else than two finite numbers or
        None; a note for each whose judge would have to be downloaded or asked over the network.
    """
    if recipe.method not in REWARDED:
        return
    try:
        config = EmpathyConfig.from_recipe(recipe.data)
    except InputError:
        return
    for reward in build(config) if config else ():
        yield from _ours(recipe, reward)
    template = config.resolved_template if config else Template()
    for key, name, function in functions(recipe):
        yield from _users(recipe, key, name, function, template)


def _ours(recipe: Recipe, reward: Any) -> Iterator[Finding]:
    key = ("empathy", "rewards", reward.name)
    shipped = {*BACKENDS["embedded"], *reward.judges}
    if not shipped.issuperset(_kinds(reward)):
        return  # the check of the block says so
    remote = _remote(reward)
    if remote:
        yield recipe.finding(key, f"not called: its judge is {remote}", severity="note")
        return
    fault = _called(pickle.dumps(reward))
    if fault:
        yield recipe.finding(key, f"{reward.name}: {fault}")


def _remote(reward: Any) -> str:
    """The first judge of a reward that is not on this machine."""
    optional = getattr(formula(reward.name), "OPTIONAL", ())
    for kind in (*_kinds(reward), *optional):
        spec = reward.judges.get(kind)
        model = getattr(spec, "model", "")
        if (
            spec is not None
            and spec.backend != "embedded"
            and not os.path.isdir(os.path.expanduser(model))
        ):
            return f"{spec.backend}: {model}"
    return ""


def _kinds(reward: Any) -> list[str]:
    """The judges that a reward cannot do without; the gate asks the one for risk."""
    return [*formula(reward.name).NEEDS, *(["risk"] if reward.gate else [])]


@cache
def _called(pickled: bytes) -> str:
    """Calls a reward of ours; what is wrong, or an empty text.

    A reward holds plain values only, so its pickle says all about it, and recipes that share one
    share the call.
    """
    reward = pickle.loads(pickled)
    try:
        return _odd(reward(*_examples(reward.template)))
    except ImportError as error:
        return f"its judge needs {error.name}: pip install 'empathy-recipes[judges]'"
    except Exception as error:  # whatever a judge or formula may raise
        return f"{type(error).__name__}: {error}"


def _examples(template: Template) -> tuple[list[Any], list[Any]]:
    lines: Any = "They failed an exam."
    if template.fields:
        rated = template.intensity_field
        lines = ["3" if label == rated else "They failed an exam." for label in template.fields]
    prompt = [{"role": "user", "content": CLIENT}]
    completions = [
        [{"role": "assistant", "content": template.render(lines, reply)}] for reply in REPLIES
    ]
    return [prompt] * len(REPLIES), completions


def _users(
    recipe: Recipe, key: KeyPath, name: str, function: Any, template: Template
) -> Iterator[Finding]:
    columns = _columns(recipe)
    prompts, completions = _examples(template)
    given = {**columns, "trainer_state": None, "log_extra": _log, "log_metric": _log}
    ids = [[0], [0]]
    try:
        with from_here():
            values = function(prompts=prompts, completions=completions, completion_ids=ids, **given)
            values = asyncio.run(values) if inspect.iscoroutine(values) else values
            fault = _odd(values)
    except Exception as error:  # the user's function may fail in any way
        fault = _raised(error, columns)
    if fault:
        yield recipe.finding(key, f"{name}: {fault}")


def _columns(recipe: Recipe) -> dict[str, list[Any]]:
    """The columns of the first two rows of the first dataset that can be read."""
    for _, entry in recipe.datasets():
        for file in files_of(entry):
            rows = [
                kept(entry, row) for row in read(file, kind_of(entry, file, recipe.method)).rows
            ]
            if rows:
                pair = [rows[0], rows[min(1, len(rows) - 1)]]
                return {column: [row.get(column) for row in pair] for column in rows[0]}
    return {}


def _log(*arguments: Any, **named: Any) -> None:
    """TRL's hooks for the log, which write nothing here."""


def _odd(values: Any) -> str:
    if not isinstance(values, Sequence) or len(values) != len(REPLIES):
        size = f"{len(values)} values" if isinstance(values, Sequence) else type(values).__name__
        return f"gave {size} for {len(REPLIES)} completions"
    for value in values:
        if value is None:
            continue
        try:
            number = float(value)
        except (TypeError, ValueError):
            return f"gave {type(value).__name__} where a number or None belongs"
        if not math.isfinite(number):
            return f"gave {number}, which is not finite"
    return ""


def _raised(error: Exception, columns: Mapping[str, Any]) -> str:
    """The error with its place, and with its message where that holds nothing of the data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"raised {type(error).__name__} at {frame.filename}:{frame.lineno}"
    message = " ".join(str(error).split())
    return place if not message or _quotes(message, columns) else f"{place}: {message}"


def _quotes(message: str, value: Any) -> bool:
    """Whether a message repeats a word or more of the texts in a value."""
    if isinstance(value, str):
        text = " ".join(value.split())
        parts = {text, *(text[at : at + 12] for at in range(max(1, len(text) - 11)))}
        return any(len(part) > 2 and part in message for part in parts)
    if isinstance(value, Mapping):
        return any(_quotes(message, item) for item in value.values())
    return isinstance(value, list) and any(_quotes(message, item) for item in value)
