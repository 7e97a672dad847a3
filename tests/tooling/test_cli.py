import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_tooling.cli import VERBS, main


def test_help_is_quick_and_lists_every_verb():
    command = [str(Path(sys.executable).parent / "emp"), "--help"]
    seconds, output = [], ""
    for _ in range(5):
        started = time.perf_counter()
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        seconds.append(time.perf_counter() - started)
    for verb in VERBS:
        assert verb in output
    # The best of five, for a machine that is busy with something else.
    assert min(seconds) <= 0.3


def test_help_imports_nothing_heavy():
    code = (
        "import sys; from click.testing import CliRunner; from emp_tooling.cli import main; "
        "assert CliRunner().invoke(main, ['--help']).exit_code == 0; "
        "print(*{'torch', 'transformers', 'numpy', 'axolotl', 'rich', 'yaml'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_verb_has_help_with_an_example_or_options(verb):
    result = CliRunner().invoke(main, [verb, "--help"])
    assert result.exit_code == 0, result.output
    assert "Usage:" in result.output and "--" in result.output


def test_bad_input_is_one_line(tmp_path):
    recipe, prompts = tmp_path / "r.yml", tmp_path / "p.jsonl"
    recipe.write_text("- no recipe\n")
    prompts.write_text("")
    command = ["eval", str(recipe), "--prompts", str(prompts), "--out", str(tmp_path / "o")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2
    assert result.output.startswith("Error: ") and result.output.count("\n") == 1
    assert not (tmp_path / "o").exists()
