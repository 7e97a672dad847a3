"""The reliability curve of ``emp calibrate``: by hand, in the file, on the screen, on the page."""

import csv
import io
import random

import numpy as np
import pytest
import yaml
from click.testing import CliRunner
from rich.console import Console

from emp_plugins.affect import hourglass
from emp_plugins.affect.isotonic import read_knots
from emp_plugins.config import EmpathyConfig
from emp_plugins.judges import load
from emp_tooling.calibrate import terminal
from emp_tooling.calibrate.fit import Fit, fit_isotonic
from emp_tooling.calibrate.reliability import errors, reliability
from emp_tooling.cli import main
from emp_tooling.report.calibration import calibrations

from .pages.looks import look

pytest.importorskip("sklearn")

PIECES = [
    "I am so sorry", "take care of yourself", "I hate this", "the train left", "I am afraid",
    "it is monday", "I am furious", "stay safe", "what a joy", "I feel so alone",
]  # fmt: skip


@pytest.fixture(scope="module")
def rated(tmp_path_factory):
    """Texts with ratings from 1 to 5 that rise with their polarity, with noise."""
    source = random.Random(0)
    rows = [f"{', '.join(source.sample(PIECES, 3))} {number}." for number in range(160)]
    polarity = hourglass.polarity(hourglass.dimensions(load("emotion").score(rows)))
    noise = np.random.default_rng(0).normal(0, 0.6, len(rows))
    path = tmp_path_factory.mktemp("rated") / "rated.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        labels = np.clip(np.round(3 + 4 * polarity + noise), 1, 5)
        csv.writer(file).writerows([("text", "label"), *zip(rows, labels, strict=True)])
    return path


@pytest.fixture(scope="module")
def done(rated):
    """One run with every output: its result, and the folder of its files."""
    recipe = rated.with_name("recipe.yml")
    recipe.write_text("empathy:\n  judges: {emotion: {backend: embedded}}\n")
    options = ["--judge", "emotion", "--column", "polarity", "--low", "1", "--high", "5"]
    files = ["--out", str(rated.with_name("calib.yml")), "--html", str(rated.with_name("c.html"))]
    arguments = ["calibrate", str(recipe), *options, "--labels", str(rated), *files]
    return CliRunner().invoke(main, arguments), rated.parent


def test_errors_by_hand():
    # Twenty texts: half are predicted 0.2 and one in five is good; half 0.6 and all are good.
    predicted = np.repeat([0.2, 0.6], 10)
    targets = np.array([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, *[1] * 10], dtype=float)
    found = errors(predicted, targets)
    assert found.mae == pytest.approx((2 * 0.8 + 8 * 0.2 + 10 * 0.4) / 20)  # 0.36
    assert found.brier == pytest.approx((2 * 0.64 + 8 * 0.04 + 10 * 0.16) / 20)  # 0.16
    assert found.ece == pytest.approx((10 * 0.0 + 10 * 0.4) / 20)  # 0.2
    assert found.brier_low < found.brier < found.brier_high


def test_equal_predictions_share_a_bin():
    """Split by chance, the mean label for everybody would look badly calibrated."""
    targets = np.repeat([0.0, 1.0], 50)
    assert errors(np.full(100, 0.5), targets).ece == 0


def test_bins_are_means_of_equal_counts():
    scores = np.arange(60.0)[::-1]  # falling: bins go by score and not by place
    targets = scores / 59
    fit = Fit([0, 59], [0, 1], held_out=1 - targets, spearman=1.0)
    found = reliability(scores, targets, fit, (0, 59), 0.6)
    assert [one.n for one in found.bins] == [10] * 6
    first = found.bins[0]  # scores 0 to 9
    assert first.score == 4.5 and first.label == pytest.approx(4.5 / 59)
    assert first.held_out == pytest.approx(1 - 4.5 / 59)
    assert first.low < first.label < first.high
    assert found.diagram[0].label == pytest.approx(1 - 4.5 / 59)  # least predicted, best labeled


@pytest.mark.parametrize(
    ("labels", "warning"),
    [
        ("chance", "the fit is no better than the mean label: do not use it"),
        ("weak", "may be no better than the mean label"),
        ("good", ""),
    ],
)
def test_the_warning_goes_by_the_gain_and_its_interval(labels, warning):
    source = np.random.default_rng(2)
    scores, noise = source.random(80), source.random(80)
    noise[scores.argmax()] = 1.0  # a little more than chance, or no fit would be tried
    share = {"chance": 0.0, "weak": 0.3, "good": 0.9}[labels]
    targets = share * scores + (1 - share) * noise
    fit = fit_isotonic(scores, targets)
    found = reliability(scores, targets, fit, (0, 1), 0.6)
    assert warning in found.warning and bool(found.warning) == bool(warning)
    shown = io.StringIO()
    terminal.show(found, fit, Console(file=shown, width=200))
    assert ("warning: " in shown.getvalue()) == bool(warning)


def test_the_screen_shows_the_curve(done):
    result, _ = done
    assert result.exit_code == 0, result.output
    rows = [line for line in result.stdout.splitlines() if "·····" in line]
    assert len(rows) == 10
    places = [max(row.find("●"), row.find("◉")) for row in rows]
    assert places == sorted(places) and places[0] < places[-1]  # labels rise with the scores
    assert "ECE" in result.stdout and "95 % interval" in result.stdout


def test_the_file_holds_the_curve_and_the_errors(done, rated):
    _, folder = done
    document = yaml.safe_load((folder / "calib.yml").read_text())
    assert list(document) == ["calibration", "reliability", "errors"]
    assert all(
        set(one) == {"score", "label", "low", "high", "held_out", "n"}
        for one in document["reliability"]
    )
    assert sum(one["n"] for one in document["reliability"]) == document["errors"]["texts"] == 160
    with rated.open(newline="", encoding="utf-8") as file:
        labels = [(float(row["label"]) - 1) / 4 for row in csv.DictReader(file)]
    weighted = sum(one["n"] * one["label"] for one in document["reliability"]) / 160
    assert weighted == pytest.approx(np.mean(labels), abs=1e-5)
    isotonic, mean = (document["errors"][name] for name in ("isotonic", "mean_label"))
    assert isotonic["brier_low"] < isotonic["brier"] < isotonic["brier_high"] < mean["brier_low"]
    assert mean["brier"] == pytest.approx(np.var(labels), abs=1e-5)
    assert document["errors"]["gain"]["low"] > 0


def test_a_reward_the_monitor_and_the_report_read_the_same_file(done):
    _, folder = done
    block = {"method": "isotonic", "file": str(folder / "calib.yml")}
    knots = read_knots(folder / "calib.yml")
    config = EmpathyConfig.from_block({"monitor": {"calibration": block}})
    assert (config.monitor.calibration.x, config.monitor.calibration.y) == knots
    (drawn,) = calibrations({"empathy": {"monitor": {"calibration": block}}})
    assert drawn.fault == "" and len(drawn.reliability) == 10


def test_polarity_and_axes_are_those_of_the_recipe_s_matrix(rated, tmp_path):
    recipe = tmp_path / "recipe.yml"
    recipe.write_text("empathy:\n  matrix: {joy: [0, 0, 0, 0]}\n")
    out, measured = tmp_path / "o.yml", []
    with rated.open(newline="", encoding="utf-8") as file:
        rows = [row["text"] for row in csv.DictReader(file)]
    for column in ("introspection", "polarity"):
        options = ["--judge", "emotion", "--column", column, "--fixed", "--labels", str(rated)]
        result = CliRunner().invoke(main, ["calibrate", str(recipe), *options, "--out", str(out)])
        assert result.exit_code == 0, result.output
        measured.append(yaml.safe_load(out.read_text())["calibration"]["mean"])
    matrix = hourglass.matrix({"joy": [0, 0, 0, 0]})
    dims = hourglass.dimensions(load("emotion").score(rows), matrix)
    assert measured == pytest.approx([dims[:, 0].mean(), hourglass.polarity(dims).mean()], rel=1e-4)


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_page_in_a_browser(browser, done, width, dark):
    _, folder = done
    seen = look(browser, folder / "c.html", width=width, dark=dark, name="calibration")
    assert seen.errors == [] and not seen.overflow and seen.overlaps == []
    assert len(seen.charts) == 2
    assert all(chart.painted and chart.width > 200 and chart.height > 50 for chart in seen.charts)
    for words in ("emotion.polarity, 160 texts", "Reliability curve", "5-fold", "research aid"):
        assert words in seen.text
