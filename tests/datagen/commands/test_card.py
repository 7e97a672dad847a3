"""The dataset card: what it must say, and what it must never say."""

import json
import shutil

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.cli import main
from emp_datagen.redact import redacted, redacted_command

HEADINGS = (
    "What it is", "How it was made", "Columns", "Clients", "Clinical errors", "Figures",
    "Judges, drops and agreement", "Intended use", "Out of scope", "Limits", "Licence and authors",
)  # fmt: skip


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("card")
    for verb in ("pairs", "prompts", "kto", "groups", "dialogues"):
        out = place / verb / f"{verb}.jsonl"
        made = run(verb, "--personas", "mdd,gad", "--n", 24, "--split", "dev", "--out", out)
        assert made.exit_code == 0, made.output
        assert run("card", out).exit_code == 0
    return place


def front(card):
    return yaml.safe_load(card.split("---\n")[1])


def texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one["content"] if isinstance(one, dict) else one)


@pytest.mark.parametrize("verb", ["pairs", "prompts", "kto", "groups", "dialogues"])
def test_every_kind_has_a_card_without_a_text_of_a_row(folder, verb):
    card = (folder / verb / "README.md").read_text()
    assert all(f"\n## {heading}\n" in card for heading in HEADINGS)
    assert "$" not in card and "None" not in card
    assert "988" in card and "local emergency number" in card and "medical device" in card
    for line in (folder / verb / f"{verb}.jsonl").read_text().splitlines():
        row = json.loads(line)
        for name in ("prompt", "chosen", "rejected", "completion", "completions", "messages"):
            for text in texts(row.get(name)):
                for sentence in text.split("Patient: ")[-1].split(". "):
                    assert len(sentence) < 25 or sentence not in card


def test_it_is_filled_from_file_and_report(folder):
    card = (folder / "pairs" / "README.md").read_text()
    report = json.loads((folder / "pairs" / "pairs.run.json").read_text())
    assert "24 rows in `pairs.jsonl`" in card
    rows = (folder / "pairs" / "pairs.jsonl").read_text().splitlines()
    count = sum(json.loads(row)["persona"] == "mdd" for row in rows)
    assert f"| `mdd` | Major depressive disorder | F32.0, F32.1, F32.2 | {count} |" in card
    assert f"- Version: empathy-recipes {report['version']}" in card
    assert "- Written by: scripted" in card and "- Seed: 0" in card and "- Split: dev" in card
    assert "scores at least 0.1 more" in card and "1.6 times as long" in card
    assert "safety 1.0" in card and f"Dropped: {sum(report['dropped'].values())}" in card
    assert report["sha256"] in card


def test_the_front_matter_is_what_the_hub_reads(folder):
    huggingface_hub = pytest.importorskip("huggingface_hub")
    held = huggingface_hub.DatasetCard.load(folder / "pairs" / "README.md").data
    assert held.license == "apache-2.0" and held.language == ["en"]
    assert held.task_categories == ["text-generation"] and held.size_categories == ["n<1K"]
    assert "synthetic" in held.tags
    # Without it the hub would read the report of the run as rows.
    assert held.configs[0]["data_files"] == [{"split": "validation", "path": "pairs.jsonl"}]


def test_an_existing_card_is_not_replaced(folder):
    path, card = folder / "kto" / "kto.jsonl", folder / "kto" / "README.md"
    card.write_text("mine")
    result = run("card", path)
    assert result.exit_code == 2 and "exists; give --overwrite" in result.stderr
    assert card.read_text() == "mine"
    args = ("--overwrite", "--licence", "cc-by-4.0", "--title", "A | B: c")
    assert run("card", path, *args).exit_code == 0
    assert front(card.read_text())["license"] == "cc-by-4.0"
    assert front(card.read_text())["pretty_name"] == "A | B: c"


def test_the_data_is_not_replaced(folder):
    path = folder / "pairs" / "pairs.jsonl"
    result = run("card", path, "--out", path, "--overwrite")
    assert result.exit_code == 2 and "is the file itself" in result.stderr


def test_without_a_report_it_says_what_is_unknown(folder, tmp_path):
    shutil.copy(folder / "pairs" / "pairs.jsonl", tmp_path)
    assert run("card", tmp_path / "pairs.jsonl").exit_code == 0
    card = (tmp_path / "README.md").read_text()
    assert "There is no report of a run" in card and "What was dropped is unknown" in card
    assert "By the rows, written by: scripted" in card  # a column says it


def test_of_a_users_own_rows_nothing_is_claimed(tmp_path):
    secret = "I have never told this to anyone but my sister Anna Maria Smith."
    row = {"prompt": secret, "chosen": "a", "rejected": "b", "persona": secret, "error": secret}
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(row) + "\n")
    assert run("card", path).exit_code == 0
    card = (tmp_path / "README.md").read_text()
    assert "Anna" not in card and "invented" not in card and "scripted" not in card
    assert front(card)["license"] == "unknown" and "synthetic" not in front(card)["tags"]
    assert "Who wrote the texts is unknown" in card


def test_no_key_password_or_folder(folder, tmp_path):
    shutil.copy(folder / "pairs" / "pairs.jsonl", tmp_path)
    report = json.loads((folder / "pairs" / "pairs.run.json").read_text())
    url = "https://me:hunter2@api.example.org/v1?key=sk-secret"
    report["command"] = (
        f"emp-datagen pairs --teacher openai:qwen@{url} --out /home/me/private/p.jsonl"
    )
    report["run"]["crew"] |= {
        "teacher": f"openai:qwen@{url}",
        "client": "hf:/home/me/private/tiny",
        "judging": {"judges": {"llm": {"backend": "openai", "model": "qwen", "base_url": url,
                                       "api_key": "sk-secret"}}},
    }  # fmt: skip
    (tmp_path / "pairs.run.json").write_text(json.dumps(report))
    assert run("card", tmp_path / "pairs.jsonl").exit_code == 0
    card = (tmp_path / "README.md").read_text()
    for secret in ("hunter2", "sk-secret", "/home/me", "me:hunter"):
        assert secret not in card
    assert "llm: qwen" in card and "openai:qwen@https://api.example.org/v1" in card
    assert "hf:tiny" in card


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://me:pw@[::1]:8000/v1", "http://[::1]:8000/v1"),
        ("x http://a:b@h/ y https://c:d@i/?k=1 z", "x http://h/ y https://i/ z"),
        ("http://me:pw@[::1/v1", "(hidden)"),  # no address, and still a password
        ({"a": [{"token": "t", "tokens": 3}]}, {"a": [{"token": "(hidden)", "tokens": 3}]}),
        ({"tokenizer": "tiny"}, {"tokenizer": "tiny"}),
    ],
)
def test_redacted(value, expected):
    assert redacted(value) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("emp-datagen pairs --n 3", "emp-datagen pairs --n 3"),
        ("x --out=/home/me/a.jsonl", "x --out=a.jsonl"),
        ("x --api-key=abc", "x --api-key=(hidden)"),
        ("x 'it", "x ''\"'\"'it'"),  # an unfinished quote is no reason to fail
    ],
)
def test_redacted_command(line, expected):
    import shlex

    assert shlex.split(redacted_command(line)) == shlex.split(expected)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("no.jsonl",), "no such file"),
        (("own.jsonl", "--licence", "My Licence!"), "write it as the hub does"),
        (("own.jsonl", "--persona-dir", "nowhere"), "no persona files"),
    ],
)
def test_mistakes(tmp_path, monkeypatch, args, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.jsonl").write_text('{"prompt": "a", "chosen": "b", "rejected": "c"}\n')
    result = run("card", *args)
    assert result.exit_code == 2 and message in result.stderr
    assert not (tmp_path / "README.md").exists()
