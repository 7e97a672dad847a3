"""Crisis lines and emergency numbers by locale, and where a reply names one."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources as package_files
from typing import Any, Literal

from emp_plugins.errors import InputError, did_you_mean

INTERNATIONAL = "international"
SHORT = 3
"""Numbers of up to this many digits need a word of calling before them: 15 is also a quantity."""

_CALLING = (
    r"(?:call|dial|text|ring|phone|contact|reach|number|line|hotline|lifeline|or)"
    r"(?:\W+\w+){0,2}?\W{1,3}"
)
_QUANTITY = (
    r"(?!\s?(?:%|mg|k|st|nd|rd|th|am|pm|percent|minutes?|mins?|hours?|days?|weeks?|months?|years?|times|people|friends|"
    r"things|ways|steps|of|more|pages|miles|pounds|dollars|degrees)\b|[.,:/]\d)"
)


@dataclass(frozen=True)
class Resource:
    """Where somebody in danger reaches a person.

    Attributes:
        name: The service's own name.
        contact: Telephone number or web address.
        kind: ``crisis line`` or ``emergency``.
    """

    name: str
    contact: str
    kind: Literal["crisis line", "emergency"]


def resources(locale: str) -> tuple[Resource, ...]:
    """The crisis resources of a locale, and the international directory.

    The numbers were not confirmed with their operators (``checked`` in ``resources.yml``); check
    them again before showing one to a client.

    Args:
        locale: Language and country, for example ``en-GB``, or ``international``.

    Returns:
        Crisis lines and emergency numbers.

    Raises:
        InputError: Nothing is known for the locale; names those that are known.

    Example:
        >>> [found.contact for found in resources("en-US")]
        ['988', '741741', '911', 'findahelpline.com']
    """
    known = _table()["locales"]
    if locale not in known:
        raise InputError(f"safety.locale: {locale!r}: no resources; {did_you_mean(locale, known)}")
    keys = dict.fromkeys([locale, INTERNATIONAL])
    return tuple(Resource(**row) for key in keys for row in known[key])


@functools.cache
def named(locale: str | None = None) -> re.Pattern[str]:
    """A pattern for the numbers and addresses of a locale in a reply.

    Args:
        locale: Language and country; None for any.

    Returns:
        The pattern, for lower-case text.

    Raises:
        InputError: Nothing is known for the locale.

    Example:
        >>> bool(named("en-GB").search("you can call 116 123")), bool(named("en-GB").search("988"))
        (True, False)
    """
    keys = [locale] if locale else list(_table()["locales"])
    contacts = dict.fromkeys(found.contact for key in keys for found in resources(key))
    return re.compile("|".join(_contact(contact) for contact in contacts))


def _contact(contact: str) -> str:
    digits = [character for character in contact if character.isdigit()]
    if not digits:
        return re.escape(contact)
    number = r"[ .-]?".join(digits)
    if len(digits) > SHORT or contact in ("988", "911", "999"):
        return rf"(?<![\d$]){number}(?!\d){_QUANTITY}"
    return rf"\b{_CALLING}{number}(?!\d){_QUANTITY}"


@functools.cache
def _table() -> Any:
    import yaml

    path = package_files.files(__package__).joinpath("resources.yml")
    return yaml.safe_load(path.read_text(encoding="utf-8"))
