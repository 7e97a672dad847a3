"""Every example in a docstring runs and shows what it says."""

import doctest
import importlib
import pkgutil

import pytest

import emp_datagen
import emp_plugins
import emp_tooling
from emp_datagen.teachers import quiet_import

HEAVY = {"emp_plugins.plugin"}  # imports Axolotl, which takes half a minute

MODULES = [
    found.name
    for package in (emp_plugins, emp_datagen, emp_tooling)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    if found.name not in HEAVY
]


def load(name):
    with quiet_import():  # some import distilabel
        return importlib.import_module(name)


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    assert doctest.testmod(load(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [t for name in MODULES for t in finder.find(load(name))]
    assert sum(bool(test.examples) for test in found) > 30
