"""The whole way on a made-up folder: read, train, write, check."""

import json
import random

import numpy as np
import pytest
from click.testing import CliRunner

from emp_plugins.errors import InputError
from emp_plugins.judges.embedded import corpus, fit
from emp_plugins.judges.embedded.emotion import LinearEmotion
from emp_tooling.train_emotion import command

pytest.importorskip("sklearn")

WORDS = {
    "joy": ["happy", "glad", "delighted", "smiling"],
    "sadness": ["sad", "crying", "lonely", "empty"],
    "neutral": ["table", "monday", "paper", "train"],
}
LABELS = tuple(WORDS)


def rows(count, seed):
    random.seed(seed)
    for number in range(count):
        picked = random.sample(range(3), 2 if number % 7 == 0 else 1)
        words = [random.choice(WORDS[LABELS[place]]) for place in picked for _ in range(2)]
        fillers = random.choices(["i", "am", "the", "today", "so"], k=3)
        yield f"{' '.join(words + fillers)}\t{','.join(map(str, picked))}\tid{number}"


@pytest.fixture
def data(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "labels.txt").write_text("\n".join(LABELS))  # no newline at the end
    for seed, (name, count) in enumerate({"train": 200, "dev": 60, "test": 60}.items()):
        (folder / f"{name}.tsv").write_text("\n".join(rows(count, seed)) + "\n", newline="\n")
    return folder


def run(*arguments):
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def test_train_then_check(data, tmp_path):
    out = tmp_path / "out"
    done = run("--data", data, "--out", out)
    assert done.exit_code == 0, done.output
    assert sorted(file.name for file in out.iterdir()) == ["CARD.md", "emotion.safetensors"]
    judge = LinearEmotion.load(out / "emotion.safetensors")
    assert judge.labels == LABELS
    assert judge.labels[judge.score(["so lonely and empty"])[0].argmax()] == "sadness"

    checked = run("--data", data, "--out", out, "--check")
    assert checked.exit_code == 0
    assert checked.stdout.count("\n") == 1
    numbers = json.loads(checked.stdout)
    assert list(numbers) == ["macro_f1", "micro_f1", "macro_auc", "texts_per_second", "bytes"]
    assert numbers["macro_f1"] > 0.95 and numbers["macro_auc"] > 0.95
    assert numbers["bytes"] == (out / "emotion.safetensors").stat().st_size

    card = (out / "CARD.md").read_text()
    test_line = next(line for line in card.splitlines() if line.startswith("| test |"))
    assert f"{numbers['macro_f1']:.3f}" in test_line
    for words in ("Demszky et al. 2020, GoEmotions", "CC BY 4.0", "not a medical device"):
        assert words in card
    assert "200 to train, 60 to calibrate and to set thresholds, 60 to test" in card
    for label, threshold in zip(LABELS, judge.thresholds, strict=True):
        assert f"| {label} | {threshold:.3f} |" in card


def test_training_twice_gives_the_same_file(data, tmp_path):
    for name in ("one", "two"):
        assert run("--data", data, "--out", tmp_path / name).exit_code == 0
    for file in ("emotion.safetensors", "CARD.md"):
        one, two = ((tmp_path / name / file).read_bytes() for name in ("one", "two"))
        assert one == two


def test_nothing_is_chosen_on_test(data, tmp_path):
    run("--data", data, "--out", tmp_path / "one")
    (data / "test.tsv").write_text("happy sad\t0\tx\ntable\t1\ty\n")
    run("--data", data, "--out", tmp_path / "two")
    one, two = ((tmp_path / name / "emotion.safetensors").read_bytes() for name in ("one", "two"))
    assert one == two


def test_check_refuses_other_labels(data):
    with pytest.raises(InputError, match="not the labels of"):
        raise run("--data", data, "--check").exception  # the shipped judge has 28


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("text only", "expected 3 tab-separated fields"),
        ("a\tb\t0\tid", "got 4"),
        ("a\t3\tid", "positions run from 0 to 2, got '3'"),
        ("a\t-1\tid", "got '-1'"),
        ("a\tjoy\tid", "got 'joy'"),
        ("a\t\tid", "got ''"),
        ("a\t²\tid", "got '²'"),  # isdigit says yes, int says no
        ("", "got 1"),
    ],
)
def test_malformed_line(data, line, message):
    with (data / "dev.tsv").open("a", newline="\n") as file:
        file.write(line + "\nfine\t0\tid\n")
    error = run("--data", data, "--out", data / "out").exception
    assert isinstance(error, InputError)
    assert "dev.tsv:61: " in str(error) and message in str(error)
    assert not (data / "out").exists()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: (data / "train.tsv").unlink(), "train.tsv: no such file"),
        (lambda data: (data / "labels.txt").unlink(), "labels.txt: no such file"),
        (lambda data: (data / "labels.txt").write_text("\n"), "labels.txt: no label"),
        (lambda data: (data / "labels.txt").write_text("a\nb\na"), "labels.txt:3: 'a' is repeated"),
        (lambda data: (data / "test.tsv").write_text(""), "test.tsv: no text"),
        (lambda data: (data / "dev.tsv").write_bytes(b"a\xff\t0\tx\n"), "dev.tsv: not UTF-8"),
        (lambda data: (data / "train.tsv").write_text("a\t0\tx\n" * 9), "all texts or to none"),
        (lambda data: (data / "train.tsv").write_text("a\t0\tx\n"), "no n-gram occurs often"),
    ],
)
def test_spoilt_folder(data, spoil, message):
    spoil(data)
    error = run("--data", data, "--out", data / "out").exception
    assert isinstance(error, InputError)
    assert message in str(error)


def test_missing_folder(tmp_path):
    for flags in ((), ("--check",)):
        error = run("--data", tmp_path / "none", *flags).exception
        assert isinstance(error, InputError) and "none: no such folder" in str(error)


def test_missing_scikit_learn_names_the_extra(data, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.linear_model", None)
    error = run("--data", data, "--out", data / "out").exception
    assert isinstance(error, InputError) and "pip install 'empathy-recipes[fit]'" in str(error)


def test_only_newlines_end_a_line(tmp_path):
    (tmp_path / "labels.txt").write_text("joy\n")
    text = "one\rtwo\x85three\u2028four"
    (tmp_path / "dev.tsv").write_bytes(f"{text}\t0\tid\n".encode())
    assert corpus.read_split(tmp_path, "dev", ("joy",)).texts == [text]


@pytest.mark.parametrize(
    ("slope", "shift"),
    [(1.0, 0.0), (0.5, 0.0), (2.0, -1.0), (1.0, 1.5)],  # the last two: a model off by a constant
)
def test_calibration_recovers_what_was_done_to_the_logits(slope, shift):
    random_numbers = np.random.default_rng(0)
    logits = random_numbers.normal(0, 2, size=(20_000, 1))
    present = random_numbers.random((20_000, 1)) < 1 / (1 + np.exp(-(slope * logits + shift)))
    slopes, shifts = fit.calibrate(logits, present)
    assert slopes[0] == pytest.approx(slope, rel=0.1)
    assert shifts[0] == pytest.approx(shift, abs=0.1)


def test_calibration_without_texts_leaves_the_logits_alone():
    slopes, shifts = fit.calibrate(np.zeros((0, 1)), np.zeros((0, 1), bool))
    assert (slopes[0], shifts[0]) == pytest.approx((1.0, 0.0))


def test_calibration_never_turns_a_judge_round():
    logits = np.linspace(-2, 2, 200)[:, None]
    assert fit.calibrate(logits, logits < 0)[0][0] == 0.1
