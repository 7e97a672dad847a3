import numpy as np
import pytest

from emp_plugins.errors import InputError

PAIRS = [
    ("I am so sorry", "Thank you."),
    ("Thank you.", "I am so sorry"),
    ("That must have been frightening; it makes sense that you feel angry and sad.", "sad"),
    ("", ""),
    ("I am so sorry", "Thank you."),
]


def test_scores_are_those_of_sentence_transformers(load, checkpoints):
    from sentence_transformers import CrossEncoder

    judge = load("similarity", checkpoints["similarity"])
    theirs = CrossEncoder(str(checkpoints["similarity"]), device="cpu").predict(PAIRS)
    np.testing.assert_allclose(judge.score(PAIRS), theirs, atol=1e-6)
    assert judge.range == (0.0, 1.0)
    assert judge.model.passes == 4
    assert judge.score(PAIRS)[0] != judge.score(PAIRS)[1]  # order within a pair is kept


def test_a_saved_activation_does_not_change_the_range(load, build, tmp_path):
    identity = {"activation_fn": "torch.nn.modules.linear.Identity"}
    build(tmp_path, "Roberta", ("LABEL_0",), sentence_transformers=identity)
    scores = load("similarity", tmp_path).score(PAIRS)
    assert ((scores >= 0) & (scores <= 1)).all()


def test_a_model_as_sentence_transformers_saves_it(load, checkpoints, tmp_path):
    from sentence_transformers import CrossEncoder

    CrossEncoder(str(checkpoints["similarity"]), device="cpu").save_pretrained(str(tmp_path))
    whole = load("similarity", checkpoints["similarity"]).score(PAIRS)
    np.testing.assert_allclose(load("similarity", tmp_path).score(PAIRS), whole, atol=1e-6)


@pytest.mark.parametrize("labels", [("a", "b"), ("contradiction", "entailment", "neutral")])
def test_other_heads_are_refused(load, build, tmp_path, labels):
    build(tmp_path, "Roberta", labels)
    with pytest.raises(InputError, match=f"the head has {len(labels)} outputs, .* needs one"):
        load("similarity", tmp_path)


def test_only_pairs(load, checkpoints):
    judge = load("similarity", checkpoints["similarity"])
    assert judge.score([]).shape == (0,)
    with pytest.raises(TypeError, match="got a string for a pair"):
        judge.score(["ab"])
    with pytest.raises(TypeError, match="two strings"):
        judge.score([("a", 1)])
