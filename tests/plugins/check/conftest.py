"""Recipes and data in a folder of their own, as a user has them."""

import json

import pytest

from emp_plugins.check import check
from emp_plugins.check.recipe import Recipe

SECRET = "Orpheus-never-slept-again"
"""Stands in every row that a test writes: no finding may repeat a client's words."""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working folder, empty."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def write(here):
    """Writes a file of the working folder: text, bytes, or rows as JSONL."""

    def made(name, content):
        path = here / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = "".join(json.dumps(row) + "\n" for row in content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return name

    return made


@pytest.fixture
def findings():
    """What one module says about a recipe's text."""

    def found(module, text):
        recipe = Recipe.from_text("a.yml", text)
        said = check(recipe, [f"emp_plugins.check.{module}"])
        assert all(SECRET not in str(one.as_dict()) for one in said)
        return said

    return found


@pytest.fixture
def one(findings):
    """The only finding of a module about a recipe's text."""

    def found(module, text):
        said = findings(module, text)
        assert len(said) == 1, [str(item) for item in said]
        return said[0]

    return found


@pytest.fixture
def recipe():
    """The text of a recipe with one dataset."""

    def made(rl, kind, path="rows.jsonl", more="", test=""):
        method = f"rl: {rl}\n" if rl != "sft" else ""
        typed = f"    type: {kind}\n" if kind else ""
        return f"{method}datasets:\n  - path: {path}\n{typed}{more}{test}"

    return made
