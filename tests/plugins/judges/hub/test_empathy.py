import numpy as np
import pytest

from emp_plugins.errors import InputError

WASSA = ("Emotion", "EmotionalPolarity", "Empathy")
TEXTS = ["I am so sorry.", "Thank you.", ""]


@pytest.mark.parametrize(
    ("labels", "settings", "column"),
    [
        (WASSA, {}, 2),
        (WASSA[::-1], {}, 0),  # by name, not by position
        (WASSA, {"output": "emotionalpolarity"}, 1),
        (WASSA, {"output": 0}, 0),
        (("LABEL_0", "LABEL_1", "LABEL_2"), {}, 2),  # as the published one may have them
        (("LABEL_0",), {"outputs": 1}, 0),
        (("LABEL_0", "Empathy"), {"outputs": 2}, 1),
    ],
)
def test_the_right_output_is_read(load, build, logits, tmp_path, labels, settings, column):
    build(tmp_path, "Roberta", labels, problem_type="regression")
    judge = load("empathy", tmp_path, **settings)
    expected = logits(tmp_path, TEXTS)[:, column].numpy()  # raw: no activation
    np.testing.assert_allclose(judge.score(TEXTS), expected, atol=1e-5)


def test_range(load, checkpoints):
    assert load("empathy", checkpoints["empathy"]).range == (0.0, 5.0)
    assert load("empathy", checkpoints["empathy"], low=1, high=7).range == (1.0, 7.0)
    with pytest.raises(InputError, match=r"low 7\.0 must be below high 1\.0"):
        load("empathy", checkpoints["empathy"], low=7, high=1)


@pytest.mark.parametrize(
    ("labels", "settings", "complaint"),
    [
        (("a",), {}, "1 outputs .*, expected 3"),
        ((*WASSA, "x"), {}, r"4 outputs \(Emotion, .*\), expected 3"),
        (("a", "b", "c"), {}, "no output is named Empathy"),
        (("LABEL_0", "LABEL_1"), {"outputs": 2}, "output None"),
        (WASSA, {"output": "Empaty"}, "did you mean 'Empathy'"),
        (WASSA, {"output": 3}, "output 3"),
        (WASSA, {"output": -1}, "output -1"),
    ],
)
def test_other_heads_are_refused(load, build, tmp_path, labels, settings, complaint):
    build(tmp_path, "Roberta", labels)
    with pytest.raises(InputError, match=complaint):
        load("empathy", tmp_path, **settings)


def test_nothing_to_score(load, checkpoints):
    assert load("empathy", checkpoints["empathy"]).score([]).shape == (0,)
