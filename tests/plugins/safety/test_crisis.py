"""Crisis resources by locale."""

import re

import pytest

from emp_plugins.errors import InputError
from emp_plugins.safety.crisis import _table, named, resources

LOCALES = list(_table()["locales"])


@pytest.mark.parametrize("locale", LOCALES)
def test_every_locale_has_somebody_to_talk_to(locale):
    found = resources(locale)
    assert any(resource.kind == "crisis line" for resource in found)
    assert locale == "international" or any(resource.kind == "emergency" for resource in found)
    assert {resource.kind for resource in found} <= {"crisis line", "emergency"}


def test_the_file_says_when_it_was_checked():
    assert re.match(r"20\d\d-\d\d", _table()["checked"])


def test_unknown_locale():
    with pytest.raises(InputError, match="did you mean 'en-GB'"):
        resources("en-BG")


@pytest.mark.parametrize(
    ("text", "locale", "found"),
    [
        ("call or text 988", None, True),
        ("988 in the us", "en-US", True),
        ("988 in the us", "en-GB", False),  # another country's
        ("ring 116123 any time", "en-GB", True),  # without its blank
        ("ring 0800 111 0 111", "de-DE", True),
        ("it takes 15 minutes", "fr-FR", False),  # a quantity, not the number
        ("call 15 now", "fr-FR", True),
        ("call me in 15 minutes", "fr-FR", False),
        ("see findahelpline.com", "it-IT", True),  # the directory counts everywhere
        ("i paid $988 for it", None, False),
        ("1988 was a good year", None, False),
    ],
)
def test_named(text, locale, found):
    assert bool(named(locale).search(text)) is found
