"""Modules are read, not run."""

import pytest

from emp_plugins.check.imports.modules import installed, missing_imports, module_file, module_names


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("class A: pass\ndef b(): pass\nasync def c(): pass\nd = 1\ne: int = 2\n", set("Abcde")),
        ("import os.path\nimport os as o\nfrom a import b as c, d\n", {"os", "o", "c", "d"}),
        ("a, (b, *c) = 1, (2, 3)\n", {"a", "b", "c"}),
        ("if x:\n  a = 1\nelse:\n  b = 1\ntry:\n  c = 1\nexcept E:\n  d = 1\n", set("abcd")),
        ("def f():\n    inner = 1\n", {"f"}),
        ("from a import *\n", None),
        ("def __getattr__(name): pass\n", None),
        ("def (:\n", None),
        ("\0", None),
    ],
)  # fmt: skip
def test_names(write, here, source, names):
    write("m.py", source)
    assert module_names(here / "m.py") == names


def test_missing_imports(write, here):
    write(
        "m.py",
        "import json, no_such_a.b\nfrom no_such_c.d import e\nfrom . import f\n"
        "try:\n    import no_such_g\nexcept ImportError:\n    pass\n"
        "def lazy():\n    import no_such_h\n",
    )
    assert missing_imports(here / "m.py") == ["no_such_a", "no_such_c"]
    write("m.py", "import (\n")
    assert missing_imports(here / "m.py") == []


def test_files():
    assert module_file("emp_plugins.check.imports.modules").name == "modules.py"
    assert module_file("json").name == "__init__.py"
    assert module_file("emp_plugins.nothing") is None
    assert module_file("sys") is None  # built in, without source


def test_installed():
    assert installed("pydantic")
    assert not installed("no.such")
