"""Findings in a folder of recipes, counted by kind and held against Axolotl's own verdict."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_tooling.benchmarks.axolotl_examples import command

RECIPE = "base_model: org/name\nlearning_rate: 1e-4\ndatasets: [{path: a.jsonl, type: alpaca}]\n"
FILES = {
    "a/clean.yml": RECIPE,
    "a/typo.yaml": f"{RECIPE}optimzer: adamw_torch\nfsdp_config: {{strategy_of_shards: x}}\n",
    "b/type.yml": f"{RECIPE}sequence_len: long\n",
    "b/list.yml": "[1, 2]\n",
    "b/tab.yml": "a:\n\t- b\n",
    "b/note.txt": "no recipe\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "examples" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "examples"


def test_counts_by_kind(folder: Path) -> None:
    result = CliRunner().invoke(command, [str(folder), "--only", "keys", "--show"])
    assert result.exit_code == 0, result.output
    rows = [[cell.strip() for cell in line.split("│")] for line in result.output.splitlines()]
    assert ["", "error", "keys", "unknown key", "2", "1", "optimzer", ""] in rows
    assert "3 recipes, 1 of them without an error; 2 other files" in result.output
    assert "typo.yaml:4:1: optimzer: unknown key; did you mean optimizer?" in result.output


def test_an_unknown_check_is_one_line(folder: Path) -> None:
    result = CliRunner().invoke(command, [str(folder), "--only", "kyes"])
    assert result.exit_code == 2
    assert result.output.startswith("Error: --only: no such check; there are keys, ")


@pytest.mark.slow
def test_axolotl_itself_bears_the_findings_out(folder: Path) -> None:
    result = CliRunner().invoke(command, [str(folder), "--only", "keys", "--verify"])
    counts = [line.strip() for line in result.stdout.splitlines()]
    assert "2 keys that Axolotl drops" in counts
    assert "1 errors where Axolotl refuses the recipe" in counts
    assert "0 keys that Axolotl keeps: false alarms" in counts
    assert "0 errors where Axolotl accepts the recipe: false alarms" in counts
