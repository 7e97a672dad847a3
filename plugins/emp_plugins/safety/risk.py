"""How much risk a client's message discloses."""

from __future__ import annotations

import functools
import re
from importlib import resources

LEVELS = (0, 1, 2, 3, 4)
"""0 none, 1 hopelessness, 2 passive ideation, 3 active ideation, 4 plan, means or intent."""


def risk_level(message: str) -> int:
    """Reads the risk level from phrases of disclosure.

    Rules, not a model: the table is ``risk.yml`` in this folder. Denials and idioms listed there
    are removed before the levels are looked for. It misses what no listed phrase says, and must not
    be used to triage people.

    Args:
        message: One client message, without a state header.

    Returns:
        The highest level found, 0 to 4.

    Example:
        >>> risk_level("I wish I could not wake up."), risk_level("I failed my exam.")
        (2, 0)
    """
    text = plain(message)
    levels, exceptions = _patterns()
    text = exceptions.sub(" ", text)
    return max((level for level, pattern in levels if pattern.search(text)), default=0)


def plain(text: str) -> str:
    """Lower case, straight apostrophes and single blanks, for matching phrases."""
    return " ".join(text.replace("\u2019", "'").lower().split())


@functools.cache
def _patterns() -> tuple[list[tuple[int, re.Pattern[str]]], re.Pattern[str]]:
    import yaml

    text = resources.files(__package__).joinpath("risk.yml").read_text(encoding="utf-8")
    table = yaml.safe_load(text)
    levels = [(level, re.compile("|".join(rows))) for level, rows in table["levels"].items()]
    return levels, re.compile("|".join(table["exceptions"]))
