"""What a user types, and what comes back."""

import json
import re
import statistics
import subprocess
import sys
from collections import Counter, defaultdict

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen import jsonl
from emp_datagen.bank import load_bank, recognise
from emp_datagen.cli import main
from emp_datagen.personas import SHIPPED
from emp_plugins.affect.state import State, parse
from emp_plugins.completion import Template


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def made(verb, folder, *args, kind=None, name="x.jsonl"):
    result = run(verb, "--out", folder / name, *args)
    assert result.exit_code == 0, result.output
    return jsonl.read_rows(folder / name, kind or verb.rstrip("s"))


def said(row, side):
    return row[side][0]["content"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    return made("pairs", tmp_path_factory.mktemp("pairs"), "--n", 450)


def test_pairs_typed_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("pairs", "--personas", "mdd")
    assert result.exit_code == 0, result.output
    assert re.fullmatch(
        r"600 rows written to data/pairs\.jsonl \(sha256 [0-9a-f]{12}\); \d+ dropped \(.*\); "
        r"0 failed; judges agree with 9\d\.\d% of the labels\n",
        result.stdout,
    )
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == [
        "pairs.jsonl",
        "pairs.run.json",
    ]
    again = run("pairs", "--personas", "mdd")
    assert (again.exit_code, again.stdout) == (2, "")
    assert again.stderr == "Error: data/pairs.jsonl: exists; give --overwrite to replace it\n"


def test_the_seed_decides(tmp_path):
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        made("pairs", tmp_path, "--n", 30, "--seed", seed, "--no-judge", name=name)
    a, b, c = ((tmp_path / name).read_bytes() for name in "abc")
    assert a == b != c


def test_replies_are_what_their_columns_say(rows):
    bank = load_bank()
    for row in rows:
        good = recognise(said(row, "chosen"), row["risk"], bank)
        bad = recognise(said(row, "rejected"), row["risk"], bank)
        assert good.good and good.known and not good.errors, said(row, "chosen")
        assert row["error"] in bad.errors and not bad.good, said(row, "rejected")


def test_scores_say_why(rows):
    for row in rows:
        chosen, rejected = row["scores"]["chosen"], row["scores"]["rejected"]
        assert row["scores"]["margin"] == pytest.approx(
            chosen["total"] - rejected["total"], abs=2e-4
        )
        assert row["scores"]["margin"] >= 0.1 and chosen["veto"] == ""
    missed = [row["scores"]["rejected"] for row in rows if row["error"] == "missed_risk_signal"]
    seen = sum((one["veto"], one["next_risk"]) == ("missed_risk", "harm") for one in missed)
    assert seen >= 0.9 * len(missed) > 15  # what a reply says back can look like help by chance


def test_the_judges_that_the_taxonomy_names_see_the_error(rows):
    seen = defaultdict(list)
    for row in rows:
        good, bad = (row["scores"][side]["rewards"] for side in ("chosen", "rejected"))
        for name in load_bank().errors[row["error"]].judges:
            seen[row["error"], name].append(bad[name] < good[name])
    blind = {pair: statistics.mean(found) for pair, found in seen.items()}
    assert {pair: share for pair, share in blind.items() if share < 0.5} == {}
    assert {error for error, _ in seen} == load_bank().errors.keys()


def test_shares(rows):
    assert set(Counter(row["error"] for row in rows)) == load_bank().errors.keys()
    personas = Counter(row["persona"] for row in rows)
    even = len(rows) / len(personas)
    assert len(personas) >= 20 and all(abs(n - even) <= 0.3 * even for n in personas.values())
    assert 0.08 < sum(row["risk"] >= 2 for row in rows) / len(rows) < 0.2


def test_length_tells_nothing(rows):
    words = [[len(said(row, side).split()) for side in ("chosen", "rejected")] for row in rows]
    assert 0.9 <= statistics.median(good / bad for good, bad in words) <= 1.15
    assert all(max(pair) <= 1.6 * min(pair) for pair in words)


def test_target_is_the_axis_in_deficit(rows):
    axes = ("introspection", "temper", "attitude", "sensitivity")
    for row in rows:
        affect = row["state"]["affect"]
        assert row["target"] == axes[affect.index(min(affect))]


def test_pairs_can_be_cut_at_any_turn(tmp_path):
    seen = set()
    for row in made("pairs", tmp_path, "--n", 60, "--turns", 4, "--no-judge"):
        roles = [message["role"] for message in row["prompt"]]
        assert roles == ["user", "assistant"] * (row["turn"] - 1) + ["user"]
        headers = [parse(m["content"])[0] for m in row["prompt"] if m["role"] == "user"]
        assert headers[-1] and not any(headers[:-1])  # the state is that of now
        assert len(row["state"]["history"]) >= row["turn"]
        seen.add(row["turn"])
    assert seen == {1, 2, 3, 4}
    cut = made("pairs", tmp_path, "--n", 9, "--cut", 3, "--no-judge", name="c.jsonl")
    assert {row["turn"] for row in cut} == {3}


def test_risk_stays(tmp_path):
    rows = made("pairs", tmp_path, "--n", 60, "--cut", 4, "--risk-share", 1, "--no-judge")
    assert {row["risk"] for row in rows} <= {2, 3, 4}
    for row in rows:
        assert recognise(said(row, "chosen"), row["risk"], load_bank()).good


@pytest.mark.parametrize("style", ["conversational", "standard"])
def test_structure_is_well_formed(tmp_path, style):
    template = Template()
    args = ("--n", 45, "--structure", "--format", style, "--no-judge")
    for row in made("pairs", tmp_path, *args):
        for side in ("chosen", "rejected"):
            text = said(row, side) if style == "conversational" else row[side]
            parsed = template.parse(text)
            assert parsed.well_formed, parsed.problems
            good = recognise(parsed.answer, row["risk"], load_bank()).good
            assert good == (side == "chosen")


def test_structure_of_a_recipe(tmp_path):
    (tmp_path / "t.yml").write_text("reasoning_tag: think\nanswer_tag: null\nfields: []\n")
    (tmp_path / "r.yml").write_text(
        f"base_model: x\nempathy: {{template: {tmp_path}/t.yml, rewards: {{safety: {{}}}}}}\n"
    )
    row = made("pairs", tmp_path, "--n", 1, "--template", tmp_path / "r.yml")[0]
    assert Template.load(tmp_path / "t.yml").parse(said(row, "chosen")).well_formed


def test_the_judge_may_select(tmp_path):
    args = ("--n", 30, "--select", "judge", "--candidates", 6)
    for row in made("pairs", tmp_path, *args):
        assert row["scores"]["chosen"]["total"] > row["scores"]["rejected"]["total"]
        assert row["error"] is None or row["error"] in load_bank().errors


def test_critique_is_a_column(tmp_path):
    rows = made("pairs", tmp_path, "--n", 15, "--critique", "--revise", "--no-judge")
    for row in rows:
        entry = load_bank().errors[row["error"]]
        assert row["critique"] == f"{entry.definition} {entry.harm}"


def test_kto_rows_come_in_twos(tmp_path):
    rows = made("kto", tmp_path, "--n", 41, kind="kto")
    assert len(rows) == 41 and [row["label"] for row in rows[:4]] == [True, False] * 2
    assert all((row["error"] is None) == row["label"] for row in rows)
    assert rows[0]["prompt"] == rows[1]["prompt"]


def test_groups_hold_scores_and_errors(tmp_path):
    for row in made("groups", tmp_path, "--n", 40, "--risk-share", 0.5):
        assert len(row["completions"]) == len(row["scores"]) == len(row["error"]) == 8
        assert sum(error is None for error in row["error"]) == 4
        assert len({text[0]["content"] for text in row["completions"]}) == 8
        impossible = "hotline_deflection" if row["risk"] >= 2 else "missed_risk_signal"
        assert impossible not in row["error"]


@pytest.mark.parametrize("style", ["full", "short", "none"])
def test_headers(tmp_path, style):
    for row in made("prompts", tmp_path, "--n", 30, "--header", style):
        header, _ = parse(row["prompt"][0]["content"])
        if style == "none":
            assert header is None
            continue
        assert (header.style, header.diagnosis) == (style, row["diagnosis"])
        if style == "full":
            assert list(header.affect) == row["state"]["affect"]
            assert header.trend == State.from_row(row["state"]).trend


def test_prompts_need_no_distilabel(tmp_path):
    code = "import sys\nsys.modules['distilabel'] = None\nfrom emp_datagen.cli import main\nmain()"
    command = [sys.executable, "-c", code, "prompts", "--n", "9", "--out", "p.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.startswith("9 rows written"), done.stderr
    command = [*command[:3], "pairs", "--n", "1", "--out", "q.jsonl"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "pip install 'empathy-recipes[datagen]'" in done.stderr


def test_standard_format_labels_the_turns(tmp_path):
    rows = made("prompts", tmp_path, "--n", 5, "--format", "standard", "--cut", 3)
    assert all(row["prompt"].startswith("Patient: ") for row in rows)
    assert all(re.search(r"\nTherapist: .*\n\[USER STATE\]\n", row["prompt"]) for row in rows)


def test_parquet_holds_the_same_rows(tmp_path):
    rows = made("pairs", tmp_path, "--n", 40, "--critique")
    assert run("pairs", "--n", 40, "--critique", "--out", tmp_path / "x.parquet").exit_code == 0
    assert list(jsonl.read_any(tmp_path / "x.parquet")) == rows


@pytest.mark.parametrize("name", ["x.jsonl", "x.parquet"])
def test_loads_as_a_dataset(tmp_path, name):
    from datasets import load_dataset

    result = run("pairs", "--n", 20, "--out", tmp_path / name)
    assert result.exit_code == 0, result.output
    kind = "json" if name.endswith("l") else "parquet"
    data = load_dataset(
        kind, data_files=str(tmp_path / name), split="train", cache_dir=str(tmp_path / "c")
    )
    assert (
        json.loads(json.dumps(data[3]))["chosen"]
        == list(jsonl.read_any(tmp_path / name))[3]["chosen"]
    )


def test_preview(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run("pairs", "--preview", 2, "--personas", "gad")
    assert result.exit_code == 0 and result.stdout.count("rejected") == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("held", "args", "rows", "seed"),
    [
        ({"personas": "mdd", "n": 7, "no_judge": True, "seed": 5}, (), 7, 5),
        ({"personas": ["mdd", "gad"], "n": 7, "no-judge": True}, ("--n", 3, "--seed", 9), 3, 9),
        ({"command": "pairs", "n": 4, "rewards": {"safety": {}}}, (), 4, 0),
    ],
)
def test_recipes_give_defaults_and_flags_win(tmp_path, held, args, rows, seed):
    (tmp_path / "r.yml").write_text(yaml.safe_dump(held))
    found = made("pairs", tmp_path, "--config", tmp_path / "r.yml", *args)
    assert len(found) == rows and found[0]["seed"] == seed
    if "rewards" in held:
        assert found[0]["scores"]["chosen"]["rewards"].keys() == {"safety"}


PERSONA = yaml.safe_load((SHIPPED / "mdd.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["--personas", "mddd"], ["'mddd'", "did you mean 'mdd'?"]),
        (["--persona-dir", "nowhere"], ["nowhere: no persona files"]),
        (["--persona-dir", "mine", "--personas", "odd"], ["odd.yml: affect.mean.0"]),
        (["--n", "0"], ["'--n'", "0 is not in the range"]),
        (["--errors", "moralizing"], ["'moralizing'", "did you mean 'moralising'?"]),
        (["--teacher", "gpt"], ["'gpt'", "allowed:"]),
        (["--teacher", "openai"], ["write it as openai:MODEL@URL"]),
        (["--bank", "nowhere"], ["nowhere: no such folder"]),
        (["--template", "none.yml"], ["none.yml: no such file"]),
        (["--config", "none.yml"], ["none.yml: no such file"]),
        (["--config", "typo.yml"], ["typo.yml: persona: unknown key; did you mean 'personas'?"]),
        (["--config", "other.yml"], ["is for emp-datagen prompts, not pairs"]),
        (["--config", "judge.yml"], ["empathy.judges.emotion.backend", "'hff'"]),
        (["--price", "cheap"], ["--price: 'cheap'", "IN,OUT"]),
        (["--max-cost", "1"], ["--max-cost: needs --price"]),
        (["--judge", "llama"], ["--judge: 'llama'", "MODEL@URL"]),
        (["--exclude", "none.jsonl"], ["--exclude: none.jsonl: no such file"]),
        (["--out", "mine"], ["mine: is a folder"]),
        (["--out", "typo.yml/x.jsonl"], ["typo.yml", "expected a folder"]),
        (["--prompt-dir", "nowhere", "--teacher", "openai:m@http://127.0.0.1:9/v1"], ["nowhere"]),
    ],
)
def test_mistakes_are_one_line_and_write_nothing(tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "typo.yml").write_text("persona: mdd\n")
    (tmp_path / "other.yml").write_text("command: prompts\n")
    (tmp_path / "judge.yml").write_text("judges: {emotion: {backend: hff}}\n")
    (tmp_path / "mine").mkdir()
    odd = {**PERSONA, "affect": {**PERSONA["affect"], "mean": [3, 0, 0, 0]}}
    (tmp_path / "mine" / "odd.yml").write_text(yaml.safe_dump(odd))
    before = sorted(path.name for path in tmp_path.rglob("*"))
    out = () if "--out" in args else ("--out", "x.jsonl")
    result = run("pairs", "--n", 3, *out, *args)
    assert result.exit_code == 2 and result.stdout == ""
    last = result.stderr.splitlines()[-1]
    assert last.startswith("Error: ") and all(word in last for word in words), result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(path.name for path in tmp_path.rglob("*")) == before


def test_unwritable_folder():
    result = run("pairs", "--n", 1, "--out", "/proc/none/x.jsonl")  # closed to root, too
    assert result.exit_code == 2 and result.stderr.startswith("Error: /proc/none: ")


def test_help_is_quick():
    import time

    command = [sys.executable, "-c", "from emp_datagen.cli import main; main()", "--help"]
    times = []
    for _ in range(5):
        started = time.monotonic()
        subprocess.run(command, capture_output=True, check=True)
        times.append(time.monotonic() - started)
    assert min(times) < 0.3


def test_no_traceback_hook_and_no_noise():
    code = (
        "import sys\nhook = sys.excepthook\nfrom emp_datagen import teachers\nteachers.load()\n"
        "assert sys.excepthook is hook"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
