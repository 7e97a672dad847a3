import errno
import subprocess
import sys
import time
import types

import click
import pytest
from click.testing import CliRunner

from emp_datagen import cli
from emp_datagen.lazy import LazyGroup
from emp_plugins.errors import InputError


def group(monkeypatch, error):
    @click.command("boom")
    def boom():
        raise error

    module = types.ModuleType("verbs_for_test")
    module.boom = boom
    monkeypatch.setitem(sys.modules, "verbs_for_test", module)
    return LazyGroup("demo", verbs={"boom": ("verbs_for_test:boom", "Fails."), "x": ("no:x", "X.")})


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("a.yml: key: wrong\nthing"), "Error: a.yml: key: wrong thing\n"),
        (OSError(errno.ENOSPC, "No space left on device"), "Error: No space left on device\n"),
        (PermissionError(13, "Permission denied", "/x/y"), "Error: /x/y: Permission denied\n"),
        (OSError("a library's own words"), "Error: a library's own words\n"),
    ],
)
def test_mistakes_are_one_line_and_status_2(monkeypatch, error, line):
    result = CliRunner().invoke(group(monkeypatch, error), ["boom"])
    assert (result.exit_code, result.stderr, result.stdout) == (2, line, "")


def test_a_bug_keeps_its_traceback(monkeypatch):
    result = CliRunner().invoke(group(monkeypatch, KeyError("bug")), ["boom"])
    assert isinstance(result.exception, KeyError)


def test_help_imports_no_verb(monkeypatch):
    result = CliRunner().invoke(group(monkeypatch, None), ["--help"])  # module "no" does not exist
    assert result.exit_code == 0
    assert "Fails." in result.stdout and "X." in result.stdout


def test_unknown_verb_answers_with_the_nearest():
    result = CliRunner().invoke(cli.main, ["pars"])
    assert result.exit_code == 2
    assert (
        result.stderr == "Error: pars: no such command; did you mean 'pairs'? "
        f"(allowed: {', '.join(sorted(cli.VERBS))})\n"
    )


def test_every_verb_of_the_table_exists():
    for name in cli.VERBS:
        result = CliRunner().invoke(cli.main, [name, "--help"])
        assert result.exit_code == 0 and "Examples:" in result.stdout


def test_help_is_quick():
    code = "from emp_datagen.cli import main; main(['--help'])"
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.5


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom emp_datagen.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'pydantic', 'numpy', 'distilabel', 'jsonschema', 'rich', 'yaml'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]"
