"""Batching, memory of scores, and what happens when a model fails."""

import logging
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emp_plugins import judges
from emp_plugins.errors import InputError
from emp_plugins.judges.hub.runtime import TextModel
from emp_plugins.judges.hub.spec import HubSpec

WORDS = (
    "I am so sorry that you lost your job. What feels hardest about the nights right now? "
    "Thank you for telling me. It sounds like the worry is loud and you are tired of it."
)
SECRET = "a client's own words"
SENTENCES = [f"{part}." for part in WORDS.split(". ")]
TEXTS = ["", "sad", *SENTENCES, WORDS, " ".join(SENTENCES[:2])]


@pytest.fixture(scope="module")
def resident(checkpoints):
    return TextModel.load("emotion", spec(checkpoints["emotion"]), "logits")


@pytest.fixture
def fresh(checkpoints):
    def make(head="logits", **settings):
        return TextModel.load("emotion", spec(checkpoints["emotion"], **settings), head)

    return make


def spec(folder, **settings):
    return HubSpec(model=str(folder), device="cpu", **settings)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=8), st.integers(1, 600))
def test_neighbours_and_padding_do_not_change_a_row(resident, texts, budget):
    resident.tokens_per_batch = budget  # from one text a pass to all in one
    together = resident.compute(texts)
    alone = np.concatenate([resident.compute([text]) for text in texts])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-5)


def test_remembered_rows_equal_computed_ones(fresh):
    model = fresh()
    first = model.rows(TEXTS)
    again = model.rows(TEXTS[::-1])  # from memory
    assert (again[::-1] == first).all()
    np.testing.assert_allclose(first, model.compute(TEXTS), rtol=0, atol=1e-5)
    assert (fresh().rows(TEXTS) == first).all()  # the same in every run
    assert model.passes == len(set(TEXTS))


def test_each_distinct_text_goes_through_once(fresh):
    model, seen = fresh(), []
    model._model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
    )
    rows = model.rows(["sad", WORDS, "sad", "sad"])
    assert sum(size for size, _ in seen) == 2
    assert (rows[0] == rows[2]).all()
    model.rows([WORDS, "sad"])
    assert sum(size for size, _ in seen) == 2
    rows[:] = 7  # what a caller does to its copy stays there
    assert (model.rows(["sad"]) != 7).all()


def test_a_pass_holds_no_more_tokens_than_the_budget(fresh):
    model, seen = fresh(tokens_per_batch=64), []
    model._model.register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(tuple(kwargs["input_ids"].shape)), with_kwargs=True
    )
    model.rows(TEXTS)
    assert all(size * length <= 64 or size == 1 for size, length in seen)
    lengths = [length for _, length in seen]
    assert lengths == sorted(lengths, reverse=True)
    assert len(seen) < len(set(TEXTS))


def test_long_texts_are_cut_and_counted(fresh):
    model = fresh(max_length=16)
    rows = model.rows([WORDS, f"{WORDS} {WORDS}", "sad"])
    assert model.truncated == 2
    np.testing.assert_allclose(rows[0], rows[1], atol=1e-5)  # the same first 16 tokens
    pairs = model.pair_rows([(WORDS, WORDS)])
    assert pairs.shape == (1, 28) and model.truncated == 3


def test_the_mean_takes_real_tokens_only(fresh):
    import torch
    from transformers import AutoModel

    model = fresh("mean")
    assert model.rows(TEXTS).shape == (len(TEXTS), 32)
    bare = AutoModel.from_pretrained(model.name.partition("(")[2].rstrip(")")).eval()
    with torch.inference_mode():
        inputs = model._tokenizer(["sad"], return_tensors="pt")
        expected = bare(**inputs).last_hidden_state.mean(dim=1).numpy()
    np.testing.assert_allclose(model.rows([WORDS, "sad"])[1:], expected, atol=1e-5)


def test_nothing_to_score(fresh):
    assert fresh().rows([]).shape == (0, 28)
    assert fresh("mean").rows([]).shape == (0, 32)


def test_lone_surrogates_are_scored(resident):
    assert (resident.rows(["\ud800 hi"]) == resident.rows(["? hi"])).all()


@pytest.mark.parametrize("texts", [[None], ["a", 3], [b"a"], "a string", [("a", "b")]])
def test_only_strings(resident, texts):
    with pytest.raises(TypeError, match="a judge scores"):
        resident.rows(texts)


@pytest.mark.parametrize("pairs", [["ab"], "ab", [("a", 1)], [(None, "b")]])
def test_only_pairs(resident, pairs):
    with pytest.raises(TypeError, match="a judge of pairs"):
        resident.pair_rows(pairs)


def runs_out(limit, how):
    """A hook that fails as an allocator does where a pass has more than `limit` tokens."""

    def hook(module, args, kwargs):
        if kwargs["input_ids"].numel() > limit:
            how()

    return hook


def cuda_style():
    import torch

    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 1 GiB")


def cpu_style():
    import torch

    torch.empty(2**58)  # more than any machine has: the real allocator's error


@pytest.mark.parametrize("how", [cuda_style, cpu_style])
def test_out_of_memory_halves_the_pass(fresh, resident, how, caplog):
    model = fresh()
    model._model.register_forward_pre_hook(runs_out(100, how), with_kwargs=True)
    with caplog.at_level(logging.WARNING):
        rows = model.rows([*SENTENCES, SECRET])
    np.testing.assert_allclose(rows, resident.compute([*SENTENCES, SECRET]), atol=1e-5)
    assert model.tokens_per_batch <= 100
    assert "out of memory; tokens_per_batch is" in caplog.text
    assert SECRET not in caplog.text


def test_a_single_text_that_does_not_fit(fresh):
    model = fresh()
    model._model.register_forward_pre_hook(runs_out(40, cuda_style), with_kwargs=True)
    with pytest.raises(InputError, match=r"single text of \d+ tokens; lower max_length") as caught:
        model.rows(["sad", WORDS])
    assert "sorry" not in str(caught.value)
    assert model.passes == 0
    assert model.rows(["sad"]).shape == (1, 28)  # what fits still goes through


def test_a_model_that_dies_is_not_hidden_and_leaves_nothing(fresh, resident):
    model, calls = fresh(tokens_per_batch=60), []

    def dies(module, args):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("CUDA error: device-side assert triggered")

    hook = model._model.register_forward_pre_hook(dies)
    with pytest.raises(RuntimeError, match="device-side assert"):
        model.rows(TEXTS)
    assert model.passes == 0
    hook.remove()
    np.testing.assert_allclose(model.rows(TEXTS), resident.compute(TEXTS), atol=1e-5)


def test_scores_that_are_not_finite_raise(tmp_path, checkpoints, load):
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(checkpoints["emotion"], tmp_path / "broken")
    arrays = load_file(folder / "model.safetensors")
    arrays["classifier.out_proj.bias"][3] = float("nan")
    save_file(arrays, folder / "model.safetensors", metadata={"format": "pt"})
    judge = load("emotion", folder)
    with pytest.raises(ValueError, match=r"judges.emotion \(.*broken\): 2 of 2 scores") as caught:
        judge.score([SECRET, "sad", "sad"])
    assert SECRET not in str(caught.value)
    assert judge.passes == 0


@pytest.mark.parametrize(
    ("family", "wanted", "own"),
    [
        ("Roberta", 513, 512),  # 514 positions, two of them before the first token
        ("Bert", 513, 512),
    ],
)
def test_max_length_above_the_models_own(build, tmp_path, family, wanted, own):
    build(tmp_path, family, ("a", "b"))
    assert TextModel.load("x", spec(tmp_path, max_length=own), "logits").max_length == own
    with pytest.raises(InputError, match=f"max_length {wanted} is above .*; set max_length: {own}"):
        TextModel.load("x", spec(tmp_path, max_length=wanted), "logits")


def test_the_longest_text_goes_through(build, tmp_path):
    build(tmp_path, "Roberta", ("a", "b"))
    model = TextModel.load("x", spec(tmp_path, max_length=512), "logits")
    assert model.rows([WORDS * 40]).shape == (1, 2)
    assert model.truncated == 1


def test_one_copy_for_all_who_ask(checkpoints):
    block = {"backend": "hf", "model": str(checkpoints["emotion"]), "device": "cpu"}
    first = judges.load("emotion", judges.read_spec("emotion", block))
    assert judges.load("emotion", judges.read_spec("emotion", dict(block))) is first
