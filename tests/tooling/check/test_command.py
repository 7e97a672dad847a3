"""The verb as users and scripts call it."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_tooling.cli import main

ROOT = Path(__file__).parents[3]
GOOD = """\
base_model: org/model
datasets: [{path: org/data, type: chat_template}]
micro_batch_size: 2
gradient_accumulation_steps: 1
max_steps: 4
warmup_steps: 0
learning_rate: 1.0e-4
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.yml").write_text(GOOD)
    (tmp_path / "typo.yml").write_text(GOOD + "optimzer: adamw_torch\nmax_step: 3\n")
    (tmp_path / "tab.yml").write_text("a:\n\tb: 1\n")
    return tmp_path


def emp_check(*arguments):
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def test_every_error_at_once(folder):
    done = emp_check("typo.yml")
    assert done.exit_code == 1
    errors = [line for line in done.stdout.splitlines() if ": note: " not in line]
    assert errors == [
        "typo.yml:8:1: optimzer: unknown key; did you mean optimizer?",
        "typo.yml:9:1: max_step: unknown key; did you mean max_steps?",
    ]
    assert done.stderr == "1 recipe: 2 errors, 0 warnings\n"


def test_a_good_recipe(folder):
    done = emp_check("good.yml")
    assert done.exit_code == 0 and "0 errors, 0 warnings" in done.stderr


def test_json_is_a_list_of_findings(folder):
    done = emp_check("typo.yml", "tab.yml", "--format", "json")
    rows = json.loads(done.stdout)
    assert done.exit_code == 1 and done.stderr == ""
    errors = [(row["file"], row["line"], row["key"]) for row in rows if row["severity"] == "error"]
    assert errors == [("typo.yml", 8, "optimzer"), ("typo.yml", 9, "max_step"), ("tab.yml", 2, "")]


def test_github_annotations(folder):
    done = emp_check("typo.yml", "--format", "github")
    assert "::error file=typo.yml,line=8,col=1,title=optimzer::unknown key" in done.stdout


def test_warnings_count_when_asked(folder):
    (folder / "warned.yml").write_text(GOOD + "trust_remote_code: true\n")
    assert emp_check("warned.yml").exit_code == 0
    assert emp_check("warned.yml", "--strict").exit_code == 1


def bomb():
    lines = ["a0: &a0 [1,1,1,1,1,1,1,1,1,1]"]
    lines += [f"a{n + 1}: &a{n + 1} [{','.join([f'*a{n}'] * 10)}]" for n in range(9)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("folder", None),
        ("absent.yml", None),
        ("empty.yml", ""),
        ("list.yml", "- base_model: org/model\n"),
        ("huge.yml", "# " + "x" * 10_000_000 + "\n"),
        ("bomb.yml", bomb()),
        ("https://example.org/recipe.yml", None),
    ],
)
def test_what_is_no_recipe_is_one_line_and_exit_2(folder, name, content):
    if name == "folder":
        (folder / name).mkdir()
    elif content is not None:
        (folder / name).write_text(content)
    done = emp_check(name)
    assert done.exit_code == 2
    assert done.output.startswith(f"Error: {name}: ") and done.output.count("\n") == 1


def test_the_others_are_checked_all_the_same(folder):
    done = emp_check("absent.yml", "typo.yml")
    assert done.exit_code == 2
    assert "typo.yml:8:1: optimzer" in done.stdout


def test_all_recipes_in_seconds_and_without_axolotl():
    recipes = sorted(str(path) for path in (ROOT / "recipes").glob("*.yml"))
    code = (
        "import sys; from click.testing import CliRunner; from emp_tooling.cli import main; "
        "done = CliRunner().invoke(main, ['check', *sys.argv[1:]]); print(done.exit_code, "
        "*{'torch', 'transformers', 'axolotl', 'trl', 'peft'} & {*sys.modules})"
    )
    started = time.perf_counter()
    command = [sys.executable, "-c", code, *recipes]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    seconds = time.perf_counter() - started
    assert done.stdout.split() == ["0"]
    assert seconds < 10
