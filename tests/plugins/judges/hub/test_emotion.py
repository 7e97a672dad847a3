import numpy as np
import pytest

from emp_plugins import judges
from emp_plugins.affect.goemotions import LABELS
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.rewards import build as build_rewards

PUBLISHED_ORDER = LABELS[1:] + LABELS[:1]  # as the fixture writes them: not our order
CLIENT = "I am so tired of the nights."
REPLIES = ["I am so sorry. What feels hardest?", "You are angry and sad.", "Thank you."]


def test_columns_are_matched_by_name(load, logits, checkpoints):
    judge = load("emotion", checkpoints["emotion"])
    assert judge.labels == LABELS and judge.range == (0.0, 1.0)
    raw = logits(checkpoints["emotion"], REPLIES).sigmoid().numpy()
    expected = np.stack([raw[:, PUBLISHED_ORDER.index(label)] for label in LABELS], axis=1)
    np.testing.assert_allclose(judge.score(REPLIES), expected, atol=1e-6)


def test_case_and_space_of_names_do_not_matter(load, build, tmp_path):
    build(tmp_path, "Roberta", [f" {name.title()}" for name in PUBLISHED_ORDER])
    assert load("emotion", tmp_path).score(REPLIES).shape == (3, 28)


def test_single_label_heads_take_softmax(load, build, tmp_path):
    build(tmp_path, "Roberta", PUBLISHED_ORDER, problem_type="single_label_classification")
    scores = load("emotion", tmp_path).score(REPLIES)
    np.testing.assert_allclose(scores.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("labels", "complaint"),
    [
        ([f"LABEL_{n}" for n in range(28)], "28 unnamed labels .*; write the names"),
        (LABELS[:-1], "27 labels; missing: neutral"),
        ([*LABELS[:-1], "calm"], "28 labels; missing: neutral; not of GoEmotions: calm"),
        ([*LABELS, "calm"], "29 labels; missing: none; not of GoEmotions: calm"),
        (["joy", "anger"], "2 labels; missing: admiration, "),
        ([*LABELS, "Joy"], "29 labels"),  # named twice
    ],
)
def test_other_labels_are_refused(load, build, tmp_path, labels, complaint):
    build(tmp_path, "Roberta", labels)
    with pytest.raises(InputError, match=complaint):
        load("emotion", tmp_path)


def test_thresholds_come_from_the_settings(load, checkpoints):
    assert (load("emotion", checkpoints["emotion"]).thresholds == 0.5).all()
    assert (load("emotion", checkpoints["emotion"], threshold=0.2).thresholds == 0.2).all()


def test_nothing_to_score(load, checkpoints):
    assert load("emotion", checkpoints["emotion"]).score([]).shape == (0, 28)


@pytest.mark.parametrize("texts", [[None], "a string", [("a", "b")]])
def test_only_lists_of_strings(load, checkpoints, texts):
    with pytest.raises(TypeError, match="a judge scores"):
        load("emotion", checkpoints["emotion"]).score(texts)


def test_rewards_take_it_in_place_of_the_embedded_one(checkpoints):
    hub = {"backend": "hf", "model": str(checkpoints["emotion"]), "device": "cpu"}
    sts = {"backend": "cross_encoder", "model": str(checkpoints["similarity"]), "device": "cpu"}
    rewards = {"empathy": {}, "affective_shift": {}, "semantic_similarity": {}}
    block = {"answer": "whole", "rewards": rewards}
    ours = build_rewards(EmpathyConfig.from_block(block))
    theirs = build_rewards(
        EmpathyConfig.from_block(block | {"judges": {"emotion": hub, "similarity": sts}})
    )
    for reward in theirs:
        reward.preflight()
    prompts = [CLIENT] * len(REPLIES)
    rewards_again = theirs
    ours, theirs = ([r(prompts, REPLIES) for r in rewards] for rewards in (ours, theirs))
    assert np.isfinite(theirs).all() and np.shape(theirs) == np.shape(ours) == (3, 3)
    assert np.abs(np.array(ours) - np.array(theirs)).max() > 0.01
    judge = judges.load("emotion", judges.read_spec("emotion", hub))
    before = judge.passes
    for reward in rewards_again:
        reward(prompts, REPLIES)
    assert judge.passes == before > 0  # one copy serves all rewards and remembers
