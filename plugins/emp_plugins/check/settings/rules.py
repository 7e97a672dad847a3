"""Rules of the form: where this holds, that key is at fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from emp_plugins.check.finding import Finding, Severity
from emp_plugins.check.recipe import KeyPath, Recipe


class Rule(NamedTuple):
    """One thing that a recipe may not say.

    Attributes:
        key: The key at fault.
        broken: Whether a recipe says it.
        message: What is wrong.
        suggestion: What to do instead.
    """

    key: KeyPath
    broken: Callable[[Recipe], object]
    message: str
    suggestion: str = ""


def findings(
    recipe: Recipe, rules: Iterable[Rule], severity: Severity = "error"
) -> Iterator[Finding]:
    """A finding for each rule that a recipe breaks.

    Args:
        recipe: The recipe.
        rules: The rules to apply.
        severity: How bad a broken one is.

    Yields:
        The findings, in the order of the rules.
    """
    for rule in rules:
        if rule.broken(recipe):
            yield recipe.finding(
                rule.key, rule.message, severity=severity, suggestion=rule.suggestion
            )
