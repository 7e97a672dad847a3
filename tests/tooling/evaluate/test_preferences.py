import pytest
from click.testing import CliRunner

from emp_tooling.evaluate.preferences import command


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ("base_model: none\noutput_dir: none\n", "base_model: none: no such folder"),
        ("output_dir: none\n", "base_model: expected a text"),
    ],
)
def test_an_untrained_recipe_is_one_line(tmp_path, monkeypatch, recipe, words):
    from emp_datagen.cli import main as datagen

    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.yml").write_text(recipe)
    CliRunner().invoke(datagen, ["pairs", "--n", "2", "--no-judge", "--out", "p.jsonl"])
    result = CliRunner().invoke(command, ["r.yml", "--pairs", "p.jsonl"])
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert result.stderr.startswith("Error: ") and words in result.stderr
