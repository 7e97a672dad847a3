from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins import judges
from emp_plugins.errors import InputError
from emp_plugins.judges import metrics, references
from emp_plugins.judges.embedded import clinical
from emp_plugins.judges.embedded.weights import shipped

HELD_OUT = Path(__file__).parents[1] / "clinical_held_out.yml"


@pytest.fixture(scope="module")
def judge():
    return judges.load("clinical")


def auc(scores, labels):
    return metrics.auc_scores(np.array(scores, float)[:, None], labels[:, None])[0]


def test_held_out_sentences(judge):
    """A sanity check on 80 sentences, not a validation; simple counts do well on them too."""
    held = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    texts = held["clinical"] + held["chat"]
    labels = np.arange(len(texts)) < len(held["clinical"])
    known = references.read(references.CLINICAL) + references.read(references.CHAT)
    assert len(texts) == 80 and not set(texts) & set(known)
    assert auc(judge.score(texts), labels) >= 0.97
    # What the docstring admits:
    assert auc([len(text) for text in texts], labels) == pytest.approx(0.83, abs=0.01)
    assert auc([text.lower().count("you") for text in texts], labels) == pytest.approx(
        0.88, abs=0.01
    )


def test_the_range_is_used(judge):
    """Most replies of either corpus lie inside it, near opposite ends."""
    low, high = judge.range
    assert -0.3 < low < 0 < high < 0.3
    held = yaml.safe_load(HELD_OUT.read_text(encoding="utf-8"))
    talk, chat = (judge.score(held[kind]).mean() for kind in ("clinical", "chat"))
    assert low < chat < 0 < talk < high


@given(st.lists(st.text(max_size=20) | st.sampled_from(["you feel alone", "lol nice"]), max_size=6))
def test_scores_are_pure_and_as_the_dense_formula_gives_them(texts):
    judge = judges.load("clinical")
    together = judge.score(texts)
    assert together.shape == (len(texts),) and np.isfinite(together).all()
    fresh = clinical.from_spec(clinical.Spec())
    for text, score in zip(texts, together, strict=True):
        assert fresh._compute([text])[0] == score
    dense = clinical._dense(shipped().encoder.encode(texts))
    np.testing.assert_allclose(together, judge._direction.cosines(dense), atol=1e-9)


def test_no_text_is_no_clinical_reply(judge):
    assert judge.score([""])[0] < judge.range[0]


@pytest.mark.parametrize("texts", [[None], "a string", [b"a"]])
def test_only_lists_of_strings(judge, texts):
    with pytest.raises(TypeError, match="a judge scores"):
        judge.score(texts)


def test_corpora_of_ones_own(tmp_path):
    """With the two corpora swapped, the judge turns round."""
    block = {"clinical_corpus": str(references.CHAT), "chat_corpus": str(references.CLINICAL)}
    turned = clinical.from_spec(judges.read_spec("clinical", block))
    texts = ["What was it like for you?", "lol nice phone"]
    assert turned.score(texts).tolist() == pytest.approx(-judges.load("clinical").score(texts))
    (tmp_path / "few.txt").write_text("one\n")
    with pytest.raises(InputError, match="give at least 10"):
        judges.load(
            "clinical", judges.read_spec("clinical", {"chat_corpus": f"{tmp_path}/few.txt"})
        )
