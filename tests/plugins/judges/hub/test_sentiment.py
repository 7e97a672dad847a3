import numpy as np
import pytest

from emp_plugins.affect.goemotions import VALENCE
from emp_plugins.errors import InputError
from emp_plugins.judges.hub.sentiment import CLASSES, TABLE, table

TEXTS = ["I am so sorry.", "Thank you.", ""]


def test_labels_are_summed_by_class(load, logits, checkpoints):
    judge = load("sentiment", checkpoints["sentiment"])
    raw = logits(checkpoints["sentiment"], TEXTS).softmax(dim=1).numpy()
    names = load("sentiment", checkpoints["sentiment"]).model.labels
    columns = {
        tone: [i for i, n in enumerate(names) if table()[n.lower()] == tone] for tone in CLASSES
    }
    expected = np.stack([raw[:, columns[tone]].sum(axis=1) for tone in CLASSES], axis=1)
    np.testing.assert_allclose(judge.score(TEXTS), expected, atol=1e-6)
    np.testing.assert_allclose(judge.score(TEXTS).sum(axis=1), 1)
    assert judge.labels == CLASSES and judge.range == (0.0, 1.0)


def test_the_rejection_threshold_is_readable(load, checkpoints):
    assert load("sentiment", checkpoints["sentiment"]).reject_above == 0.99
    assert load("sentiment", checkpoints["sentiment"], reject_above=0.9).reject_above == 0.9


@pytest.mark.parametrize(
    ("labels", "settings"),
    [
        (("NEGATIVE", "POSITIVE"), {}),  # SST-2: no neutral
        (("negative", "neutral", "positive"), {}),
        (("NEG", "NEU", "POS"), {}),
        (("1 star", "2 stars", "3 stars", "4 stars", "5 stars"), {}),
        (("Very_Negative", "Negative", "Neutral", "Positive", "Very_Positive"), {}),
        (tuple(VALENCE), {"problem_type": "multi_label_classification"}),  # GoEmotions
    ],
)
def test_common_label_names_are_known(load, build, tmp_path, labels, settings):
    build(tmp_path, "Bert", labels, **settings)
    scores = load("sentiment", tmp_path).score(TEXTS)
    assert scores.shape == (3, 3)
    np.testing.assert_allclose(scores.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        (("LABEL_0", "LABEL_1", "LABEL_2"), "label 0, label 1, label 2 are not in the table"),
        (("positive", "negative", "splendid"), f"splendid are not in the table {TABLE.name}"),
        (("joy", "love"), "none of its labels is negative"),
        (("anger", "neutral"), "none of its labels is supportive"),
    ],
)
def test_other_labels_are_refused(load, build, tmp_path, labels, complaint):
    build(tmp_path, "Bert", labels)
    with pytest.raises(InputError, match=complaint):
        load("sentiment", tmp_path)


def test_the_table_agrees_with_the_valence_of_goemotions():
    expected = {
        name: "supportive" if v >= 0.3 else "negative" if v <= -0.3 else "neutral"
        for name, v in VALENCE.items()
    }
    assert {name: table()[name] for name in VALENCE} == expected


def test_no_name_stands_twice():
    import yaml

    names = [name for listed in yaml.safe_load(TABLE.read_text()).values() for name in listed]
    assert len(names) == len(set(names)) == len(table())
    assert all(name == name.lower() for name in names)


def test_nothing_to_score(load, checkpoints):
    assert load("sentiment", checkpoints["sentiment"]).score([]).shape == (0, 3)
