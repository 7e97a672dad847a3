"""``emp calibrate`` on the embedded judges, from a CSV file to a block that a reward takes."""

import csv
import random

import numpy as np
import pytest
import yaml

from emp_plugins.affect.calibration import Calibration
from emp_plugins.errors import InputError
from emp_plugins.judges import load
from emp_plugins.rewards import make
from emp_tooling.calibrate.fit import fit_isotonic
from emp_tooling.cli import main
from emp_tooling.labels import read_labels

pytest.importorskip("sklearn")

PIECES = [
    "I am so sorry", "take care of yourself", "here for you", "sending you love", "the train left",
    "it is monday", "I hope you feel better", "stay safe", "the form is blue", "call me any time",
]  # fmt: skip


def texts(count, seed=0):
    source = random.Random(seed)
    return [f"{', '.join(source.sample(PIECES, 3))} {number}." for number in range(count)]


def write(path, rows, header=("text", "label")):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yml"
    path.write_text("empathy:\n  judges: {emotion: {backend: embedded}}\n")
    return path


@pytest.fixture
def rated(tmp_path):
    """Ratings from 1 to 5 that rise with the judge's caring, with noise."""
    judge, rows = load("emotion"), texts(120)
    caring = judge.score(rows)[:, judge.labels.index("caring")]
    ranks = caring.argsort().argsort() / len(rows)
    noise = np.random.default_rng(0).normal(0, 0.4, len(rows))
    labels = np.clip(np.round(1 + 4 * ranks**2 + noise), 1, 5)
    return write(tmp_path / "rated.csv", zip(rows, labels, strict=True))


def run(*arguments):
    from click.testing import CliRunner

    return CliRunner().invoke(main, ["calibrate", *map(str, arguments)])


def test_labels_to_a_block_that_a_reward_takes(recipe, rated, tmp_path):
    out = tmp_path / "calib.yml"
    options = ("--judge", "emotion", "--column", "caring", "--low", 1, "--high", 5)
    done = run(recipe, *options, "--labels", rated, "--out", out)
    assert done.exit_code == 0, done.output
    for word in ("isotonic, 5-fold", "range, temperature 0.6", "the mean label", "Spearman", "ECE"):
        assert word in done.stdout
    assert "warning" not in done.stdout
    inline = Calibration(**yaml.safe_load(out.read_text())["calibration"])
    assert inline == Calibration(method="isotonic", file=str(out))
    block = {"method": "isotonic", "file": str(out)}
    reward = make("semantic_similarity", answer="whole", formula="seed", calibration=block)
    assert 0 <= reward(["My dog died."], ["Your dog died, I am so sorry."])[0] <= 1


def test_the_same_seed_writes_the_same_block(recipe, rated, tmp_path):
    options = ("--judge", "emotion", "--column", "caring", "--labels", rated, "--out")
    first = run(recipe, *options, tmp_path / "a.yml")
    second = run(recipe, *options, tmp_path / "b.yml")
    assert first.stdout.replace("a.yml", "b.yml") == second.stdout
    assert (tmp_path / "a.yml").read_bytes() == (tmp_path / "b.yml").read_bytes()


def test_fixed_needs_no_labels(recipe, tmp_path):
    rows, out = texts(40), tmp_path / "fixed.yml"
    path = write(tmp_path / "texts.csv", [[row] for row in rows], ["text"])
    options = ("--judge", "emotion", "--column", "caring", "--fixed", "--temperature", 0.8)
    done = run(recipe, *options, "--labels", path, "--out", out)
    assert done.exit_code == 0, done.output
    block = yaml.safe_load(out.read_text())["calibration"]
    judge = load("emotion")
    caring = judge.score(rows)[:, judge.labels.index("caring")]
    assert block["mean"] == pytest.approx(caring.mean(), rel=1e-5)
    assert block["deviation"] == pytest.approx(caring.std(), rel=1e-5)
    assert Calibration(**block).temperature == 0.8


def test_similarity_compares_client_and_text(recipe, tmp_path):
    said, replies = texts(40, seed=1), texts(40, seed=2)
    path = write(tmp_path / "p.csv", zip(said, replies, strict=True), ("client", "text"))
    options = ("--judge", "similarity", "--embedded", "--fixed", "--labels", path)
    done = run(recipe, *options, "--out", tmp_path / "o.yml")
    assert done.exit_code == 0, done.output
    assert "similarity, 40 texts" in done.stdout


CARING = ("--judge", "emotion", "--column", "caring")


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (zip(texts(49), range(49), strict=True), CARING, "49 distinct labelled texts, 50 needed"),
        ([["same", n] for n in range(90)], CARING, "1 distinct labelled texts"),  # one text, 90 x
        (zip(texts(60), [3] * 60, strict=True), CARING, "from 3 to 3, no width"),
        (zip(texts(60), range(60), strict=True), (*CARING, "--high", 5), "beyond the scale 0 to 5"),
        ([*zip(texts(60), range(60), strict=True), ["x", "good"]], CARING, ":62: label: 'good'"),
        ([["a", 1], ["", 2]], CARING, ":3: text: empty"),
        ([["a", "nan"]], CARING, ":2: label: 'nan' is not a number"),
        ([["a"]], CARING, ":2: label: '' is not a number"),  # a short row
        ([], CARING, "no row in it"),
        (zip(texts(60), range(60), strict=True), ("--judge", "emotion"), "choose one of its outp"),
        (zip(texts(60), range(60), strict=True), (*CARING[:3], "care"), "did you mean 'caring'?"),
        (zip(texts(60), range(60), strict=True), ("--judge", "emotoin"), "did you mean 'emotion'?"),
        (zip(texts(60), range(60), strict=True), ("--judge", "similarity"), "no column 'client'"),
        (zip(texts(9), range(9), strict=True), (*CARING, "--fixed"), "9 distinct texts, 30 needed"),
        (zip(texts(40), range(40), strict=True), (*CARING, "--fixed", "--low", 1), "--low and"),
        (zip(texts(40), range(40), strict=True), (*CARING, "--fixed", "--html", "x"), "--html: dr"),
        ([[f"zzqx{n}", n] for n in range(60)], CARING, "distinct scores"),  # nothing it knows
    ],
)
def test_wrong_input_is_one_line_and_status_2(recipe, tmp_path, rows, options, message):
    path, out = write(tmp_path / "rated.csv", rows), tmp_path / "o.yml"
    done = run(recipe, *options, "--labels", path, "--out", out)
    assert done.exit_code == 2, done.output
    assert done.output.startswith("Error: ") and done.output.count("\n") == 1
    assert message in done.output
    assert not out.exists()


def test_labels_that_fall_with_the_score_are_refused(recipe, rated, tmp_path):
    with rated.open(newline="", encoding="utf-8") as file:
        rows = [(row["text"], 6 - float(row["label"])) for row in csv.DictReader(file)]
    done = run(recipe, *CARING, "--labels", write(rated, rows), "--out", tmp_path / "o.yml")
    assert done.exit_code == 2
    assert "labels do not rise with the scores (Spearman -0." in done.output


def test_a_fit_beats_the_range_where_labels_sit_elsewhere_on_the_scale():
    """A judge that uses only the lowest tenth of its range, as language models do."""
    scores = np.random.default_rng(0).random(200) * 0.5
    labels = np.clip(scores * 2 + np.random.default_rng(1).normal(0, 0.05, 200), 0, 1)
    found = fit_isotonic(scores, labels)
    ranged = Calibration().apply(scores, (0, 5))
    assert np.square(found.held_out - labels).mean() < np.square(ranged - labels).mean() / 10


def test_several_ratings_of_one_text_are_averaged(tmp_path):
    data = read_labels(write(tmp_path / "r.csv", [["a", 1], ["b", 5], ["a", 2]]))
    assert data.texts == ["a", "b"] and data.labels.tolist() == [1.5, 5.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"text,label\n\xff,1\n", "not UTF-8 at byte 11"),
        (b"txt,label\na,1\n", ":1: no column 'text'; did you mean 'txt'"),
        (b"", ":1: no column 'text'"),
        (b"\xef\xbb\xbftext,label\na,x\n", ":2: label: 'x'"),  # a byte order mark, from Excel
        (b'text,label\n"two\nlines",1\nb,x\n', ":4: label"),  # the file's line, not the row
    ],
)
def test_files_that_cannot_be_read(tmp_path, content, message):
    path = tmp_path / "r.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message.replace("?", r"\?")) as caught:
        read_labels(path)
    assert str(path) in str(caught.value)


def test_without_scikit_learn_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sklearn.isotonic", None)
    with pytest.raises(InputError, match=r"pip install 'empathy-recipes\[fit\]'"):
        fit_isotonic(np.arange(60.0), np.arange(60.0) / 60)
