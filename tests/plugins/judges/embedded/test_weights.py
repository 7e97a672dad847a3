from dataclasses import replace

import numpy as np
import pytest

from emp_plugins.errors import InputError
from emp_plugins.judges.embedded import weights
from emp_plugins.judges.embedded.emotion import LinearEmotion
from emp_plugins.judges.embedded.features import NGrams, TfIdf

TINY = weights.LinearWeights(
    labels=("joy", "sadness"),
    encoder=TfIdf(NGrams(["glad", "so sad"], ["sad", " é "]), np.array([1.0, 1.5, 2.0, 2.5])),
    coefficients=np.array([[2, -2], [-1, 1], [-2, 2], [0, 0]], dtype=np.float32),
    intercept=np.array([-1.0, -1.0]),
    thresholds=np.array([0.5, 0.4]),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "tiny.safetensors"


def test_what_is_written_is_read(path):
    weights.write(TINY, path)
    back = weights.read(path)
    assert back.labels == TINY.labels
    assert back.encoder.ngrams.words == TINY.encoder.ngrams.words
    assert back.encoder.ngrams.chars == TINY.encoder.ngrams.chars
    texts = ["so glad", "so sad", "é"]
    assert (LinearEmotion(back).score(texts) == LinearEmotion(TINY).score(texts)).all()


def test_scores_are_the_formula(path):
    weights.write(TINY, path)
    score = LinearEmotion.load(path).score(["glad"])[0]
    assert score == pytest.approx(1 / (1 + np.exp([-1.0, 3.0])))


@pytest.mark.parametrize("field", ["coefficients", "intercept", "thresholds"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_numbers_must_be_finite(path, field, value):
    array = getattr(TINY, field).copy()
    array.flat[0] = value
    weights.write(replace(TINY, **{field: array}), path)
    with pytest.raises(InputError, match=rf"tiny.safetensors: {field}: .* not finite"):
        weights.read(path)


@pytest.mark.parametrize("kept", [0, 7, 100, -1])
def test_truncated_file(path, kept):
    weights.write(TINY, path)
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(InputError, match="tiny.safetensors: not a whole safetensors file"):
        weights.read(path)


def test_missing_file_folder_and_array(path):
    from safetensors.numpy import save_file

    with pytest.raises(InputError, match="tiny.safetensors: cannot read"):
        weights.read(path)
    with pytest.raises(InputError, match="cannot read"):
        weights.read(path.parent)
    save_file({"labels": np.zeros(2, np.uint8)}, path)
    with pytest.raises(InputError, match="tiny.safetensors: no array named 'words'"):
        weights.read(path)


def test_shapes_must_fit(path):
    weights.write(replace(TINY, thresholds=np.zeros(3)), path)
    with pytest.raises(InputError, match=r"thresholds: expected shape \(2,\), got \(3,\)"):
        weights.read(path)
