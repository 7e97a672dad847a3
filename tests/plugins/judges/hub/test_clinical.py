"""A true-to-form BERT encoder with random weights through the real loading path."""

import numpy as np
import pytest

from emp_plugins.affect.goemotions import LABELS
from emp_plugins.errors import InputError
from emp_plugins.judges import references

TEXTS = ["I am so sorry that you lost your job.", "Thank you.", "What feels hardest?"]


@pytest.fixture(scope="module")
def encoder(build, tmp_path_factory):
    return build(tmp_path_factory.mktemp("encoder"), "Bert", LABELS)


def mean_states(folder, texts):
    """Mean last hidden states, one text at a time, by the library's plain way."""
    import torch
    from transformers import AutoModel, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        rows = [
            model(**tokenizer([text], return_tensors="pt")).last_hidden_state[0].mean(dim=0)
            for text in texts
        ]
    return torch.stack(rows).numpy().astype(float)


def test_the_formula(load, encoder):
    judge = load("clinical", encoder)
    corpora = references.read(references.CLINICAL), references.read(references.CHAT)
    a, b = (mean_states(encoder, texts).mean(axis=0) for texts in corpora)
    middle = (a + b) / 2

    def cosine(x, y):
        return x @ y / np.linalg.norm(x) / np.linalg.norm(y)

    expected = [
        (cosine(x - middle, a - middle) - cosine(x - middle, b - middle)) / 2
        for x in mean_states(encoder, TEXTS)
    ]
    np.testing.assert_allclose(judge.score(TEXTS), expected, atol=1e-5)
    assert -1 <= judge.range[0] < judge.range[1] <= 1


def test_a_score_depends_on_its_own_text_alone(load, encoder):
    judge = load("clinical", encoder, tokens_per_batch=64)
    together = judge.score([*TEXTS, " ".join(TEXTS * 4), TEXTS[0]])
    assert together[0] == together[-1] and judge.passes == 4
    np.testing.assert_allclose(load("clinical", encoder).score(TEXTS[:1]), together[:1], atol=1e-5)


def test_nothing_to_score(load, encoder):
    assert load("clinical", encoder).score([]).shape == (0,)


def test_corpora_of_ones_own(load, encoder):
    swapped = {"clinical_corpus": str(references.CHAT), "chat_corpus": str(references.CLINICAL)}
    np.testing.assert_allclose(
        load("clinical", encoder, **swapped).score(TEXTS),
        -load("clinical", encoder).score(TEXTS),
        atol=1e-6,
    )


def test_a_missing_corpus_is_told_before_the_model_is_loaded(load):
    with pytest.raises(InputError, match="none.txt: cannot read the corpus"):
        load("clinical", "no/such-model", chat_corpus="none.txt")


def test_flax_weights_alone(load, encoder, tmp_path):
    """What a download of mnaylor/psychbert-cased holds."""
    for path in encoder.iterdir():
        if path.suffix != ".safetensors":
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "flax_model.msgpack").write_bytes(b"\x00")
    with pytest.raises(InputError, match="Flax weights only.*nlp4good/psych-search"):
        load("clinical", tmp_path)


def test_the_flax_model_by_its_hub_id(load):
    with pytest.raises(InputError, match="psychbert-cased.*Flax weights only.*nlp4good"):
        load("clinical", "mnaylor/psychbert-cased")


def test_flax_beside_safetensors_does_no_harm(load, encoder, tmp_path):
    for path in encoder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "flax_model.msgpack").write_bytes(b"\x00")
    assert load("clinical", tmp_path).score(TEXTS).shape == (3,)
