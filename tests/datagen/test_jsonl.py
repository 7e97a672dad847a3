import json

import pytest

from emp_datagen import jsonl
from emp_datagen.cases import Plan
from emp_datagen.crew import CrewSpec
from emp_datagen.personas import load
from emp_datagen.run import engine
from emp_plugins.errors import InputError


@pytest.fixture(scope="module")
def row():
    return engine.preview(Plan("prompts", load(["mdd"]), n=1), CrewSpec(teacher=""))[0]


def line(row, **changes):
    return json.dumps({**row, **changes})


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (lambda r: "{oops", "2: not JSON at column 2"),
        (lambda r: "[1, 2]", "2: expected an object"),
        (lambda r: line(r, risk="high"), "2: risk: 'high' is not of type 'integer'"),
        (lambda r: line(r, risk=9), "2: risk: 9 is greater"),
        (lambda r: line(r, extra=1), "2: extra: unknown field"),
        (lambda r: line(r, prompt=[]), "2: prompt: "),
        (lambda r: line(r, prompt=[{"role": "user"}]), "2: prompt.0.content: missing"),
        (lambda r: line(r, state={**r["state"], "affect": [0, 0]}), "2: state.affect: "),
        (lambda r: json.dumps({k: v for k, v in r.items() if k != "target"}), "2: target: missing"),
        (lambda r: line(r, seed=float("nan")), "2: not JSON: NaN"),
        (lambda r: "[" * 100_000, "2: not JSON"),
    ],
)
def test_broken_lines_are_named(tmp_path, row, second, words):
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{line(row)}\n{second(row)}\n{line(row)}\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        jsonl.read_rows(path, "prompt")
    assert str(error.value).startswith(f"{path}:{words}")
    assert len(str(error.value)) < 400 + len(str(path))


def test_not_utf8(tmp_path, row):
    path = tmp_path / "rows.jsonl"
    path.write_bytes(line(row).encode() + b'\n{"id": "\xff"}\n')
    with pytest.raises(InputError, match=r"rows\.jsonl:2: not UTF-8 at byte 8"):
        jsonl.read_rows(path, "prompt")


@pytest.mark.parametrize("content", [None, "", "\n  \n"])
def test_missing_or_empty(tmp_path, content):
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match="no such file" if content is None else "empty"):
        jsonl.read_rows(path, "pair")
    with pytest.raises(InputError, match="is a folder"):
        jsonl.read_rows(tmp_path, "pair")


def test_round_trip(tmp_path, row):
    other = {**row, "id": "ü \u2028 😀"}
    written = jsonl.write_rows(tmp_path / "new" / "rows.jsonl", [row, other], "prompt")
    assert written.rows == 2
    assert jsonl.read_rows(written.path, "prompt") == [row, other]
    marked = tmp_path / "bom.jsonl"
    marked.write_bytes(b"\xef\xbb\xbf" + written.path.read_bytes() + b"\n\n")
    assert jsonl.read_rows(marked, "prompt") == [row, other]


def test_a_failed_write_leaves_what_was_there(tmp_path, row):
    path = tmp_path / "rows.jsonl"
    path.write_text("old")
    with pytest.raises(InputError, match="risk"):
        jsonl.write_rows(path, [row, {**row, "risk": -1}], "prompt")
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]
    assert path.read_text() == "old"


def test_a_write_error_names_the_file(tmp_path, row):
    with pytest.raises(InputError, match="is a folder"):
        jsonl.write_rows(tmp_path, [row], "prompt")

    def full():
        yield row
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as error:
        jsonl.write_rows(tmp_path / "a.jsonl", full(), "prompt")
    assert error.value.filename == str(tmp_path / "a.jsonl")
    assert not list(tmp_path.iterdir())


def test_schemas_agree_on_the_common_columns():
    pair, prompt, group = (jsonl.schema(kind) for kind in ("pair", "prompt", "group"))
    own = {"chosen", "rejected", "completions", "error", "scores"}
    for other in (prompt, group):
        for name, value in other["properties"].items():
            assert name in own or value == pair["properties"][name], name
        assert all(pair["$defs"][name] == value for name, value in other["$defs"].items())


JUDGED = {
    "total": 1.0,
    "polarity": 0.1,
    "rewards": {"safety": 1.0, "novelty": None},
    "veto": "",
    "next_polarity": 0.0,
    "next_risk": "none",
}


def test_group_rows(row):
    scores = [JUDGED, {**JUDGED, "next_risk": "harm"}]
    group = {**row, "completions": ["Good.", "Bad."], "scores": scores, "error": [None, "x"]}
    assert jsonl.mistake(group, "group") is None
    assert jsonl.mistake({**group, "scores": "x"}, "group").startswith("scores: ")
    worse = {**JUDGED, "next_risk": "bad luck"}
    wrong = jsonl.mistake({**group, "scores": [worse, JUDGED]}, "group")
    assert wrong.startswith("scores.0.next_risk: ")
