"""Everything that needs distilabel, which takes seconds to import."""

import json
import statistics
import subprocess
import sys
from collections import Counter

import pytest
from click.testing import CliRunner

from emp_datagen import jsonl, reasoning, teachers
from emp_datagen.bank import MISSED_RISK, recognise
from emp_datagen.cli import main
from emp_plugins.completion import Template
from emp_plugins.errors import InputError


def run(*args):
    return CliRunner().invoke(main, ["pairs", *args])


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    def make(*args):
        path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
        result = run("--out", str(path), *args)
        assert result.exit_code == 0, result.output
        return path

    return make


@pytest.fixture(scope="module")
def rows(made):
    return jsonl.read_rows(made("--n", "400"), "pair")


@pytest.fixture(scope="module")
def teacher():
    return teachers.load()


def said(row, side):
    return row[side][0]["content"]


def test_typed_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, again = run("--personas", "mdd"), run("--personas", "mdd")
    assert first.exit_code == again.exit_code == 0, first.output
    assert first.stdout == again.stdout
    assert first.stdout.startswith("600 rows written to data/pairs.jsonl (sha256 ")
    assert "persona: mdd 600; error: direct_advice " in first.stdout
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["pairs.jsonl"]


def test_the_seed_decides(made):
    same, again, other = (
        made("--n", "30", "--seed", seed).read_bytes() for seed in ("3", "3", "4")
    )
    assert same == again != other


def test_replies_are_what_their_columns_say(rows):
    for row in rows:
        good, bad = (
            recognise(said(row, "chosen"), row["risk"]),
            recognise(said(row, "rejected"), row["risk"]),
        )
        assert good.good and good.known and not good.errors
        assert row["error"] in bad.errors and bad.known and not bad.good
        assert set(row["scores"]) == {"chosen", "rejected"}


def test_shares(rows):
    errors = Counter(row["error"] for row in rows)
    risky = sum(row["risk"] >= 2 for row in rows)
    assert 0.08 < risky / len(rows) < 0.17
    assert 0.5 * risky <= errors.pop(MISSED_RISK) <= risky
    assert max(errors.values()) < 1.2 * min(errors.values())
    assert Counter(row["persona"] for row in rows) == {"gad": 200, "mdd": 200}


def test_length_tells_nothing(rows):
    ratios = [len(said(row, "chosen")) / len(said(row, "rejected")) for row in rows]
    assert 0.85 < statistics.median(ratios) < 1.2


def test_replies_vary(rows):
    for side in ("chosen", "rejected"):
        assert len({said(row, side) for row in rows}) > 0.9 * len(rows)


def test_target_is_the_axis_in_deficit(rows):
    axes = ("introspection", "temper", "attitude", "sensitivity")
    for row in rows:
        affect = row["state"]["affect"]
        assert row["target"] == axes[affect.index(min(affect))]


@pytest.mark.parametrize("style", ["conversational", "standard"])
def test_structure_is_well_formed(made, style):
    template = Template()
    for row in jsonl.read_rows(made("--n", "60", "--structure", "--format", style), "pair"):
        for side in ("chosen", "rejected"):
            text = said(row, side) if style == "conversational" else row[side]
            parsed = template.parse(text)
            assert parsed.well_formed, parsed.problems
            assert recognise(parsed.answer, row["risk"]).good == (side == "chosen")
            lines = template.field_values(parsed.reasoning)
            assert all(len(value.split()) <= 7 for value in lines.values()), lines
        chosen = row["chosen"] if style == "standard" else said(row, "chosen")
        assert (reasoning.AT_RISK_CONCERN in chosen) == (row["risk"] >= 2)


def test_other_templates(made, tmp_path):
    path = tmp_path / "r1.yml"
    path.write_text("reasoning_tag: think\nanswer_tag: null\nfields: []\n")
    row = jsonl.read_rows(made("--n", "1", "--template", str(path)), "pair")[0]
    assert Template.load(path).parse(said(row, "chosen")).well_formed
    path.write_text("fields: [Favourite colour]\n")
    result = run("--n", "1", "--out", str(tmp_path / "x.jsonl"), "--template", str(path))
    assert result.exit_code == 2 and "'Favourite colour'" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["r1.yml"]  # nothing half-written


def test_loads_as_a_dataset(made, tmp_path):
    path = made("--n", "20")
    from datasets import load_dataset

    data = load_dataset("json", data_files=str(path), split="train", cache_dir=str(tmp_path / "c"))
    assert json.loads(json.dumps(data[3])) == jsonl.read_rows(path, "pair")[3]


ORDER = {
    "persona": "mdd",
    "state": {},
    "target": "temper",
    "topic": "work",
    "risk": 0,
    "error": None,
    "style": "plain",
    "seed": "s",
}


def ask(order):
    return [{"role": "system", "content": json.dumps(order)}, {"role": "user", "content": "Hi."}]


def test_teacher_is_a_distilabel_llm(teacher):
    from distilabel.models.llms.base import LLM

    assert isinstance(teacher, LLM) and teacher.model_name == "scripted"
    outputs = teacher.generate_outputs(inputs=[ask(ORDER), ask(ORDER)], num_generations=3)
    assert outputs[0] == outputs[1]
    assert len(set(outputs[0]["generations"])) == 3
    assert all(recognise(text, 0).good for text in outputs[0]["generations"])
    assert len(outputs[0]["statistics"]["output_tokens"]) == 3


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([{"role": "user", "content": "Hi."}], "last system message"),
        ([{"role": "system", "content": "Be kind."}], "last system message"),
        (ask([]), "lacks persona"),
        (ask({k: v for k, v in ORDER.items() if k != "topic"}), "lacks topic"),
        (ask({**ORDER, "error": "direct_advise"}), "did you mean 'direct_advice'?"),
    ],
)
def test_bad_instructions(teacher, messages, words):
    with pytest.raises(InputError) as error:
        teacher.generate_outputs(inputs=[messages])
    assert words in str(error.value)


def test_unknown_teacher():
    with pytest.raises(InputError, match="did you mean 'scripted'"):
        teachers.load("script")


def test_no_traceback_hook_and_no_noise():
    code = (
        "import sys\nhook = sys.excepthook\nfrom emp_datagen import teachers\nteachers.load()\n"
        "assert sys.excepthook is hook"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_without_distilabel_the_extra_is_named():
    code = (
        "import sys\nsys.modules['distilabel'] = None\n"
        "from emp_datagen.cli import main\nmain(['pairs', '--n', '1', '--out', sys.argv[1]])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "build-none.jsonl"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1 and "pip install 'empathy-recipes[datagen]'" in done.stderr
