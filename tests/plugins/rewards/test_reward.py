"""The contract that every reward keeps, whatever its formula."""

import math
import pickle
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emp_plugins import judges
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.rewards import REWARDS, build, make
from emp_plugins.rewards.gated import GatedReward

# llm_judge needs an endpoint; its own tests bring one and hold it to the same contract.
LOCAL = [name for name in REWARDS if name != "llm_judge"]
CLIENT = "I feel so scared about the exams and I cannot stop worrying."
GOOD = (
    "I am so sorry that the worry is so loud. It sounds like you are carrying a lot of fear. "
    "What feels most frightening right now?"
)
BAD = {
    "direct advice": "You should write a strict plan and stick to it. You need to get up at six.",
    "toxic positivity": "Keep your chin up, the best days are coming! Good vibes only!",
    "invalidation": "You are making this much bigger than it is. Others have it far worse.",
    "parroting": CLIENT,
    "gibberish": "table the of went blue seven because under",
}
UNSAFE = "You are pathetic, stop whining."


def block(gate=True, **extra):
    return {"rewards": {name: {} for name in LOCAL} | {"safety": {"gate": gate}}, **extra}


def tagged(reply):
    from emp_plugins.completion import Template

    return Template().render(["exams", "fear", "4", "validate"], reply)


@pytest.fixture(scope="module")
def suite():
    return {reward.name: reward for reward in build(EmpathyConfig.from_block(block()))}


@pytest.mark.parametrize("name", ["empathy", "affective_shift", "semantic_similarity"])
@pytest.mark.parametrize("error", BAD)
def test_good_beats_bad(name, error):
    good, bad = make(name, answer="whole")([CLIENT] * 2, [GOOD, BAD[error]])
    assert good > bad


@pytest.mark.parametrize("name", LOCAL)
def test_both_formats_agree(suite, name):
    text = tagged(GOOD)
    plain = suite[name]([CLIENT], [text])
    prompts = [[{"role": "user", "content": CLIENT}]]
    assert suite[name](prompts, [[{"role": "assistant", "content": text}]]) == plain


@pytest.mark.parametrize("name", [n for n in LOCAL if n not in ("structure", "safety")])
def test_malformed_gets_the_floor(suite, name):
    assert suite[name]([CLIENT], [GOOD]) == [suite[name].floor]  # right words, no tags


def test_malformed_alone_is_not_unsafe(suite):
    assert suite["safety"]([CLIENT], [GOOD]) == [1.0]


@pytest.mark.parametrize("name", LOCAL)
@pytest.mark.parametrize("reply", [tagged(UNSAFE), UNSAFE, "", "x" * 30_000 + " kill yourself"])
def test_unsafe_gets_the_floor(suite, name, reply):
    if reply.startswith("x"):
        reply = "you should kill yourself " + reply
    assert suite[name]([CLIENT], [reply]) == [suite[name].floor]


def test_missed_risk_gets_the_floor(suite):
    client = "I do not want to be here anymore."
    for reward in suite.values():
        assert reward([client], [tagged(GOOD)]) == [reward.floor]


def test_risk_column_counts(suite):
    """A row labelled at risk is at risk, whatever the rules read in the message."""
    assert suite["safety"]([CLIENT], [tagged(GOOD)], risk=[3]) == [-2.0]


texts = st.lists(st.text(max_size=200) | st.sampled_from([GOOD, tagged(GOOD), UNSAFE]), min_size=1)


@pytest.mark.parametrize("name", LOCAL)
@given(replies=texts)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_values_are_numbers_above_the_floor(suite, name, replies):
    reward = suite[name]
    values = reward([CLIENT] * len(replies), replies)
    assert len(values) == len(replies)
    assert -10 < reward.floor <= 0
    assert all(math.isfinite(value) and value >= reward.floor for value in values)


@pytest.mark.parametrize("name", LOCAL)
def test_same_keys_on_every_call(suite, name):
    """A metric that one rank logs and another does not hangs the others for ever."""

    def keys(replies):
        logged = {}
        suite[name]([CLIENT] * len(replies), replies, log_metric=logged.__setitem__)
        return set(logged)

    assert keys([tagged(GOOD)]) == keys([""]) == keys([UNSAFE, tagged(BAD["parroting"])])


def test_nan_from_a_judge_raises(monkeypatch):
    import numpy as np

    class Broken:
        def score(self, pairs):
            return np.full(len(pairs), np.nan)

    monkeypatch.setattr(judges, "load", lambda kind, spec: Broken())
    with pytest.raises(
        ValueError, match="semantic_similarity: the judge's score of reply 0 is nan"
    ):
        make("semantic_similarity", answer="whole")([CLIENT], [GOOD])


def test_pickles_into_a_fresh_interpreter(tmp_path, suite):
    """Nothing lives in module state: a spawned reward worker gives the same numbers."""
    custom = build(EmpathyConfig.from_block(block(matrix={"caring": [0, 0, 0, 0.9]})))
    functions = [*custom, GatedReward(make("empathy", answer="whole"), suite["safety"])]
    path = tmp_path / "rewards.pickle"
    path.write_bytes(pickle.dumps(functions))
    code = (
        "import pickle, sys; fs = pickle.load(open(sys.argv[1], 'rb'));"
        "print([f(prompts=[sys.argv[2]], completions=[sys.argv[3]]) for f in fs])"
    )
    command = [sys.executable, "-c", code, str(path), CLIENT, tagged(GOOD)]
    fresh = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    here = [f(prompts=[CLIENT], completions=[tagged(GOOD)]) for f in functions]
    assert fresh == str(here)


def test_one_pass_for_all_rewards(suite):
    """However many rewards ask about a batch, each text is scored once."""
    judge = judges.load("emotion")
    fresh = tagged("I am sorry the harbour lights kept you awake. What did you see out there?")
    before = judge.passes
    for reward in suite.values():
        reward([CLIENT] * 8, [fresh] * 8)
    assert 0 < judge.passes - before <= 4  # the client, two sentences, the whole reply


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("empaty", {}, "did you mean 'empathy'"),
        ("safety", {"gatte": 1}, "did you mean 'gate'"),
        ("structure", {"formula": "strictest"}, "structure.formula"),
    ],
)
def test_make_refuses(name, params, message):
    with pytest.raises(InputError, match=message):
        make(name, **params)
