"""Recipes made from a sound one by an edit."""

from pathlib import Path

import pytest
import yaml

from emp_plugins.check import Recipe

BASES = yaml.safe_load((Path(__file__).parent / "bases.yml").read_text())


def _merged(data, edit):
    """Blocks are merged key by key, all else is replaced; null takes a key away."""
    made = dict(data)
    for key, value in edit.items():
        inner = isinstance(made.get(key), dict) and isinstance(value, dict)
        made[key] = _merged(made[key], value) if inner else value
    return {key: value for key, value in made.items() if value is not None}


@pytest.fixture(scope="session")
def edited():
    """One of ``bases.yml`` with some keys replaced."""

    def make(base, edit, processes=1):
        text = yaml.safe_dump(_merged(BASES[base], edit), sort_keys=False)
        return Recipe.from_text("a.yml", text, processes)

    return make


@pytest.fixture(scope="session")
def bases():
    """The names of the sound recipes."""
    return tuple(BASES)
