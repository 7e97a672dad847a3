"""``emp-datagen review``: both ways by the command line, and one line for each mistake."""

import json
import uuid

import pytest
from click.testing import CliRunner

from emp_datagen.cli import main
from emp_datagen.jsonl import read_rows
from emp_datagen.review import form

rg = pytest.importorskip("argilla", reason="needs the review extra")


def review(*args):
    return CliRunner().invoke(main, ["review", *map(str, args)])


def answer(folder, prefers):
    """Puts answers of two reviewers into a folder's records, as the SDK keeps them."""
    path = folder / "records.json"
    records = [rg.Record.from_dict(held) for held in json.loads(path.read_text())]
    for record in records:
        for user, choice in enumerate(prefers(record.id)):
            place = choice
            if choice in ("chosen", "rejected"):
                first = form.chosen_first(record.id) == (choice == "chosen")
                place = form.A if first else form.B
            for name, value in ((form.BETTER, place), (form.ERROR, "other"), (form.MISSED, "no")):
                record.responses.add(rg.Response(name, value, user_id=str(uuid.UUID(int=user))))
    path.write_text(json.dumps([record.to_dict() for record in records]))


def test_there_and_back_by_the_folder(rows_file, pairs, tmp_path, no_server):
    folder, out = tmp_path / "review", tmp_path / "reviewed.jsonl"
    sent = review(rows_file, "--to", "argilla", "--out", folder)
    assert sent.exit_code == 0
    assert sent.output == (
        f"{len(pairs)} pairs written to {folder}; load them with rg.Dataset.from_disk\n"
    )
    ids = [row["id"] for row in pairs]
    choices = dict.fromkeys(ids, ("chosen", "chosen"))
    choices[ids[0]] = ("rejected", "rejected")
    choices[ids[1]] = ("both_bad", "both_bad")
    choices[ids[2]] = ("chosen", "rejected")
    choices[ids[3]] = ()
    answer(folder, choices.get)
    back = review(folder, "--from", "argilla", "--rows", rows_file, "--out", out)
    assert back.exit_code == 0
    wrote, agreed = back.output.splitlines()
    left = len(pairs) - 3
    assert wrote.startswith(f"{left} rows written to {out} (sha256 ")
    assert wrote.endswith("1 of them swapped; 3 left out (both bad 1, tied 1, unanswered 1)")
    assert f"agree on the better reply in {left - 1} of {left} " in agreed
    assert f"on the error in 0 of {left - 1} (0.0%)" in agreed
    assert "Cohen's kappa between reviewers: better 0." in agreed
    rows = read_rows(out, "pair")
    assert [row["id"] for row in rows] == [ids[0], *ids[4:]]
    assert rows[0]["chosen"] == pairs[0]["rejected"]
    assert rows[1]["chosen"] == pairs[4]["chosen"]


def test_without_a_server_and_out_the_folder_is_beside_the_file(rows_file, no_server):
    assert review(rows_file, "--to", "argilla").exit_code == 0
    assert (rows_file.parent / "pairs.review" / ".argilla" / "settings.json").is_file()


def test_there_and_back_by_the_server(rows_file, pairs, server, tmp_path):
    sent = review(rows_file, "--to", "argilla", "--name", "mine", "--reviewers", "2")
    assert sent.stdout == "10 pairs sent to Argilla: dataset mine, workspace argilla\n"
    assert next(iter(server.datasets.values()))["distribution"]["min_submitted"] == 2
    row = pairs[0]
    place = form.B if form.chosen_first(row["id"]) else form.A
    server.answer(row["id"], str(uuid.uuid4()), better=place, error="moralising", missed_risk="no")
    out = tmp_path / "reviewed.jsonl"
    args = ("--from", "argilla", "--rows", rows_file, "--out", out)
    assert "pairs: no such dataset" in review(*args).output
    back = review(*args, "--name", "mine")
    assert back.exit_code == 0, back.output
    (new,) = read_rows(out, "pair")
    assert (new["chosen"], new["error"]) == (row["rejected"], "moralising")


def test_out_is_a_folder_whatever_the_environment(rows_file, server, tmp_path):
    assert review(rows_file, "--to", "argilla", "--out", tmp_path / "here").exit_code == 0
    assert server.requests == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ((), "give either --to argilla or --from argilla"),
        (("ROWS",), "give either --to argilla or --from argilla"),
        (("ROWS", "--to", "argilla", "--from", "argilla"), "give either"),
        (("--to", "argilla"), "--to needs FILE"),
        (("ROWS", "--to", "argilla", "--rows", "ROWS"), "--rows is for --from"),
        (("ROWS", "--to", "argilla", "--overwrite"), "--overwrite is for --from"),
        (("gone.jsonl", "--to", "argilla"), "gone.jsonl: no such file"),
        (("TWICE", "--to", "argilla"), "occurs twice"),
        (("PROMPTS", "--to", "argilla"), "PROMPTS:1: "),
        (("ROWS", "--to", "argilla", "--out", "FULL"), "exists; choose another --out"),
        (("ROWS", "--to", "argilla", "--bank", "gone"), "gone"),
        (("ROWS", "--to", "argilla", "--template", "gone.yml"), "gone.yml"),
        (("--from", "argilla"), "--from needs --rows FILE"),
        (("--from", "argilla", "--rows", "ROWS"), "--from needs --out FILE"),
        (("--from", "argilla", "--rows", "ROWS", "--out", "ROWS"), "give --overwrite"),
        (("--from", "argilla", "--rows", "ROWS", "--out", "new"), "ARGILLA_API_KEY: not set"),
        (("FULL", "--from", "argilla", "--rows", "ROWS", "--out", "new"), "no such file; expected"),
        (("gone", "--from", "argilla", "--rows", "ROWS", "--out", "new"), "gone: no such folder"),
    ],
)
def test_mistakes_are_one_line(rows_file, pairs, tmp_path, no_server, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "FULL").mkdir()
    (tmp_path / "FULL" / "x").touch()
    rows_file.rename("ROWS")
    line = json.dumps(pairs[0])
    (tmp_path / "TWICE").write_text(f"{line}\n{line}\n")
    (tmp_path / "PROMPTS").write_text('{"id": "x", "prompt": "hi"}\n')
    found = review(*args)
    assert found.exit_code == 2
    assert found.output.startswith("Error: ") and found.output.count("\n") == 1
    assert message in found.output
    assert pairs[0]["prompt"][-1]["content"][-30:] not in found.output
    assert not (tmp_path / "new").exists()


def test_nothing_is_written_where_no_pair_is_left(rows_file, tmp_path, no_server):
    folder, out = tmp_path / "review", tmp_path / "new.jsonl"
    review(rows_file, "--to", "argilla", "--out", folder)
    found = review(folder, "--from", "argilla", "--rows", rows_file, "--out", out)
    assert found.exit_code == 2
    assert "left out (unanswered 10), so no pair is left" in found.output
    assert not out.exists()


def test_without_the_sdk_it_says_what_to_install(rows_file, no_server, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "argilla", None)
    found = review(rows_file, "--to", "argilla")
    assert found.exit_code == 2
    assert "pip install 'empathy-recipes[review]'" in found.output
