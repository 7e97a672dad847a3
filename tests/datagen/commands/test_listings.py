"""personas and errors: all of them, one of them, a user's own."""

import io
import json
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner

from emp_datagen import personas
from emp_datagen.bank import load_bank
from emp_datagen.bank.model import When
from emp_datagen.cli import main
from emp_datagen.listing.errors import when


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def told(*args):
    result = run(*args, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_all_personas():
    found = told("personas")["personas"]
    assert [one["name"] for one in found] == list(personas.find())
    mdd = next(one for one in found if one["name"] == "mdd")
    assert mdd["codes"] == ["F32.0", "F32.1", "F32.2"] and mdd["chapter"] == "Depressive Disorders"
    assert mdd["severities"] == ["Mild", "Moderate", "Severe"]
    assert mdd["risk_share"] == 0.13 and set(mdd["situations"]) == {"train", "dev", "heldout"}
    shown = run("personas").stdout
    assert all(one["name"] in shown for one in found) and f"{len(found)} personas" in shown


@pytest.mark.parametrize("width", [80, 200])
def test_no_word_is_cut_in_a_terminal(monkeypatch, width):
    from rich.console import Console

    from emp_datagen.listing import personas as listing

    out = Console(width=width, record=True, quiet=False, file=io.StringIO())
    monkeypatch.setattr(listing, "console", lambda: out)
    listing.show_all(personas.load())
    shown = out.export_text()
    for word in ("Attention-deficit/hyperactivity", "Neurodevelopmental", "F43.21", "postpartum_"):
        assert word in shown


def test_one_persona_in_full():
    one = personas.load(["mdd"])[0]
    shown = run("personas", "MDD").stdout
    said = [one.title, *one.triggers, *one.helps, *one.sources, one.severities[0].code]
    said += [situation.text for situation in one.situations_of("all")]
    said += [text for level in one.risk.disclosures.values() for text in level]
    said += [fact.answer for fact in one.facts]
    flat = " ".join(shown.split())
    assert [text for text in said if " ".join(text.split()) not in flat] == []
    held = told("personas", "mdd")
    assert held["name"] == "mdd" and len(held["symptoms"]) == len(one.symptoms)


def test_a_users_own_persona(tmp_path):
    shutil.copy(personas.find()["gad"], tmp_path / "mine.yml")
    names = [one["name"] for one in told("personas", "--persona-dir", tmp_path)["personas"]]
    assert "mine" in names and "mdd" in names
    assert told("personas", "mine", "--persona-dir", tmp_path)["diagnosis"] == "GAD"


def test_all_errors():
    bank = load_bank()
    found = {one["name"]: one for one in told("errors")["errors"]}
    assert list(found) == list(bank.errors)
    assert found["minimising"]["forms"] == len(bank.errors["minimising"].forms)
    assert found["missed_risk_signal"]["judges"] == ["safety"]
    shown = run("errors").stdout
    assert all(name in shown for name in found) and "none" in shown


def test_one_error_in_full():
    one = load_bank().errors["minimising"]
    flat = " ".join(run("errors", "minimising").stdout.split())
    for text in (one.definition, one.harm, one.instruction, *one.forms):
        assert " ".join(text.split()) in flat
    assert told("errors", "minimising")["harm"] == one.harm


def test_strategies_and_the_table_that_chooses():
    bank = load_bank()
    shown = run("errors", "--strategies").stdout
    assert all(name in shown for name in (*bank.strategies, *bank.styles, *bank.errors))
    assert "risk 2 or more" in shown and "temper lowest" in shown and "any other" in shown
    held = told("errors", "--strategies")
    assert held["plans"][0]["when"] == {"risk": 2}
    assert held["plans"][0]["moves"] == [list(move) for move in bank.table.plans[0].moves]
    assert [one["name"] for one in held["strategies"]] == list(bank.strategies)
    assert told("errors", "validation", "--strategies")["forms"]["general"]


def test_a_users_own_bank(tmp_path):
    forms = "".join(f'    - "Stop {n} things."\n' for n in ("one", "two", "three", "four"))
    text = (
        f"rude:\n  definition: d\n  harm: h\n  instruction: i\n  approach: [a]\n  forms:\n{forms}"
    )
    (tmp_path / "errors.yml").write_text(text)
    assert [one["name"] for one in told("errors", "--bank", tmp_path)["errors"]] == ["rude"]


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (When(), "any other"),
        (When(asks=False), "does not ask about the disorder"),
        (When(risk=1, low="temper"), "risk 1 or more, temper lowest"),
    ],
)
def test_conditions_in_words(condition, words):
    assert when(condition) == words


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("personas", "mmd"), "mmd: no such persona; did you mean 'mdd'?"),
        (("errors", "minimizing"), "no such clinical error; did you mean 'minimising'?"),
        (("errors", "minimising", "--strategies"), "no such strategy"),
        (("personas", "--persona-dir", "nowhere"), "no persona files"),
        (("errors", "--bank", "nowhere"), "nowhere: no such folder"),
    ],
)
def test_mistakes_are_one_line(args, message):
    result = run(*args)
    assert result.exit_code == 2 and message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("verb", ["stats", "card", "judge", "personas", "errors"])
def test_help_of_a_verb_imports_nothing_heavy(verb):
    code = (
        "import sys; from emp_datagen.cli import main\n"
        f"try: main(['{verb}', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pydantic', 'rich', 'yaml', 'pyarrow', 'jsonschema'}\n"
        "heavy &= set(sys.modules)\n"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]" and "Examples:" in done.stdout
