"""Each method's formula, what each refuses, and that the map is monotone and plain."""

import json
import pickle
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from emp_plugins.affect.calibration import Calibration
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError

SCORES = st.lists(st.floats(-10, 10), min_size=1, max_size=30)
FITTED = {
    "range": {"low": -10.0, "high": 10.0},
    "fixed": {"mean": 0.3, "deviation": 2.0},
    "batch": {},
    "isotonic": {"x": [-3.0, 0.0, 4.0], "y": [0.1, 0.1, 0.9]},
}


def made(method, **changed):
    return Calibration(method=method, **{**FITTED[method], **changed})


@pytest.mark.parametrize("method", FITTED)
@given(scores=SCORES)
def test_a_higher_score_never_gets_less_and_values_stay_in_the_unit_interval(method, scores):
    raw = np.array(scores)
    values = made(method).apply(raw)
    assert values.shape == raw.shape
    assert ((values >= 0) & (values <= 1)).all()
    assert (np.diff(values[np.argsort(raw, kind="stable")]) >= -1e-12).all()


@pytest.mark.parametrize("method", FITTED)
def test_odd_batches_raise_no_warning(method):
    calibration = made(method)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert calibration.apply(np.array([])).shape == (0,)
        assert np.isfinite(calibration.apply(np.array([1e6, -1e6]))).all()
        assert np.isnan(calibration.apply(np.array([np.nan]))).all()


@pytest.mark.parametrize(
    ("calibration", "raw", "bounds", "value"),
    [
        (Calibration(), 0.5, (0, 1), 0.5),  # the middle stays
        (Calibration(), 2.5, (0, 5), 0.5),  # the judge's own range
        (Calibration(high=1.0), 0.5, (0, 5), 0.5),  # the block overrides one end
        (Calibration(temperature=1.0), 0.3, (0, 1), 0.3),  # temperature 1 changes nothing
        (Calibration(temperature=0.5), 0.8, (0, 1), 16 / 17),  # odds 4, squared
        (Calibration(temperature=1.0), 9.0, (0, 5), 1.0),  # beyond counts as the bound
        (made("fixed"), 0.3, (0, 1), 0.5),  # the mean is the middle
        (made("fixed", temperature=0.5), 2.3, (0, 1), 1 / (1 + np.exp(-2))),  # one deviation
        (made("isotonic"), 2.0, (0, 1), 0.5),  # halfway between knots
        (made("isotonic"), -99.0, (0, 1), 0.1),  # the end value beyond the knots
    ],
)
def test_formulas(calibration, raw, bounds, value):
    assert calibration.apply(np.array([raw]), bounds)[0] == pytest.approx(value, abs=1e-5)


def test_batch_is_the_seeds_formula():
    raw = np.array([0.2, 0.4, 0.9])
    z = (raw - raw.mean()) / raw.std()
    assert Calibration(method="batch").apply(raw) == pytest.approx(1 / (1 + np.exp(-z / 0.6)))


def test_batch_of_equal_scores_invents_no_difference():
    assert Calibration(method="batch").apply(np.full(3, 0.1)).tolist() == [0.5] * 3


def test_only_batch_hides_the_level():
    poor, good = np.array([0.10, 0.13]), np.array([0.90, 0.93])
    for method in ("range", "fixed", "isotonic"):
        assert made(method).apply(good).mean() > made(method).apply(poor).mean()
    batch = made("batch")
    assert batch.apply(good) == pytest.approx(batch.apply(poor))


def test_bounds_in_the_wrong_order():
    with pytest.raises(InputError, match="low 3 is not below high 1"):
        Calibration(low=3.0).apply(np.array([0.5]))


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"method": "fixed"}, "needs mean and deviation; `emp calibrate --fixed`"),
        ({"method": "fixed", "mean": 0.5}, "needs deviation"),
        ({"method": "fixed", "mean": 0.5, "deviation": 0}, "deviation: input should be greater"),
        ({"mean": 0.5}, "mean belongs to method fixed, not to range"),
        ({"method": "batch", "low": 0.5}, "low belongs to method range, not to batch"),
        ({"method": "isotonic", "temperature": 1}, "temperature belongs to method range or fixed"),
        ({"method": "isotonic"}, "needs file, or x and y; `emp calibrate --labels`"),
        ({"method": "isotonic", "x": [0, 1]}, "needs file, or x and y"),
        ({"method": "isotonic", "x": [0], "y": [1], "file": "f"}, "not both"),
        ({"method": "isotonic", "x": [0, 1], "y": [0.0, 0.5, 1]}, "y: 3 values for 2 of x"),
        ({"method": "isotonic", "x": [0, 0], "y": [0, 1]}, r"x\[1\]: 0 does not lie above 0"),
        ({"method": "isotonic", "x": [0, 1], "y": [1, 0]}, r"y\[1\]: 0 falls below 1"),
        ({"method": "isotonic", "x": [0, 1], "y": [0, 2]}, r"y: values must lie in \[0, 1\]"),
        ({"method": "isotonic", "x": [0, 1], "y": [0.5, 0.5]}, "y: all values are equal"),
        ({"method": "isotonic", "x": [0, "a"], "y": [0, 1]}, r"x\[1\]: 'a' is not a finite"),
        ({"method": "isotonic", "x": [0, True], "y": [0, 1]}, r"x\[1\]: True is not a finite"),
        ({"method": "isotonic", "x": 3, "y": [0, 1]}, "x: expected a list"),
        ({"method": "isotonic", "file": "absent.yml"}, "absent.yml: no such file"),
        ({"low": 2, "high": 1}, "low 2 is not below high 1"),
        ({"high": float("inf")}, "high: input should be a finite number"),
        ({"method": "isotone"}, "method: input should be 'range', 'fixed', 'batch' or 'isotonic'"),
    ],
)
def test_a_wrong_block_is_one_line_with_its_key(block, message):
    recipe = {"rewards": {"semantic_similarity": {"calibration": block}}}
    with pytest.raises(InputError, match=message) as caught:
        EmpathyConfig.from_block(recipe)
    line = str(caught.value)
    assert line.startswith("empathy.rewards.semantic_similarity.calibration")
    assert "\n" not in line


def test_a_field_of_no_value_counts_as_left_out():
    assert Calibration.model_validate({"mean": None}) == Calibration()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- 1\n", "calibration: expected a mapping"),
        ("calibration: {x: [0, 1], y: [0, 1]}\n", r"calibration\.method: expected isotonic"),
        ("calibration: {method: isotonic, x: [0, 1]}\n", r"calibration\.y: expected a list"),
        ("calibration: {method: isotonic, x: [0, .nan], y: [0, 1]}\n", r"x\[1\]: nan is not"),
        ("calibration: {method: isotonic, z: 1, x: [0, 1], y: [0, 1]}\n", r"\.z: unknown key"),
        ("calibration: {method: isotonic, x: [0\n", "3:1"),  # broken YAML names the line
    ],
)
def test_a_wrong_file_names_file_and_key(tmp_path, text, message):
    path = tmp_path / "calib.yml"
    path.write_text(text + "\n")
    with pytest.raises(ValidationError, match=message) as caught:
        Calibration(method="isotonic", file=str(path))
    assert str(path) in str(caught.value)


def test_the_file_is_read_once_so_that_another_process_needs_none(tmp_path):
    path = tmp_path / "calib.json"  # JSON is YAML
    path.write_text(json.dumps({"calibration": {"method": "isotonic", "x": [0, 5], "y": [0, 1]}}))
    calibration = Calibration(method="isotonic", file=str(path))
    path.unlink()
    copy = pickle.loads(pickle.dumps(calibration))
    assert copy == calibration and hash(copy) == hash(calibration)
    assert copy.apply(np.array([2.5])).tolist() == [0.5]
