"""The reward over a real server on loopback."""

import asyncio
import math
import pickle

import pytest

from emp_plugins.completion import Template
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.rewards import build, make

CLIENT = "I keep replaying what my brother said."
KIND, PLAIN, LOST = "That sounds painful.", "Call him.", "Tell me more about him."
UNSAFE = "You are pathetic, stop whining."


def tagged(reply):
    return Template().render(["family", "hurt", "3", "reflect"], reply)


@pytest.fixture
def rewards(endpoint, tmp_path):
    """Makes the rewards of a recipe whose judge is the server."""
    rubric = tmp_path / "rubric.yml"
    rubric.write_text("instructions: Rate.\nscale: {low: 0, high: 4}\n", encoding="utf-8")

    def script(request, _):
        text = request["messages"][-1]["content"]
        if LOST in text:
            return "no idea"
        return '{"score": 3}' if KIND in text else '{"score": 0}'

    def made(**judge):
        block = {"backend": "openai", "base_url": endpoint.url, "model": "m", "max_retries": 0}
        block |= {"rubric": str(rubric), "max_failures": 0.5, **judge}
        config = {"judges": {"llm": block}, "rewards": {"llm_judge": {}, "safety": {}}}
        return build(EmpathyConfig.from_block(config))[0]

    endpoint.script = script
    return made


def test_values(endpoint, rewards):
    reward = rewards()
    replies = [tagged(reply) for reply in (KIND, PLAIN, LOST, KIND)]
    assert reward([CLIENT] * 4, replies) == [0.75, 0.0, None, 0.75]
    assert reward.floor == 0.0


def test_a_missing_verdict_is_counted_and_explained(rewards):
    logged = {}
    reward = rewards()
    replies = [tagged(reply) for reply in (KIND, LOST)]
    reward([CLIENT] * 2, replies, log_metric=logged.__setitem__)
    assert logged == {"llm_judge/failures": 0.5}
    scores = reward.explain([CLIENT] * 2, replies)
    assert scores.notes["marks"] == [{"score": 3.0}, {}]
    assert scores.notes["failure"][0] == "" and "no JSON object" in scores.notes["failure"][1]


def test_too_many_missing_verdicts_stop_the_run(rewards):
    with pytest.raises(InputError, match="2 of 3 samples have no verdict"):
        rewards()([CLIENT] * 3, [tagged(text) for text in (LOST, LOST + " Please.", KIND)])


def test_the_gate_goes_before_a_missing_verdict(rewards):
    """An unsafe reply gets the floor, also where the judge has no verdict on it."""
    both = f"{UNSAFE} {LOST}"
    assert rewards()([CLIENT] * 2, [tagged(both), tagged(KIND)]) == [0.0, 0.75]


def test_malformed_replies_are_not_sent(endpoint, rewards):
    logged = {}
    assert rewards()([CLIENT] * 2, ["", KIND], log_metric=logged.__setitem__) == [0.0, 0.0]
    assert not endpoint.requests
    assert set(logged) == {"llm_judge/failures"} and math.isnan(logged["llm_judge/failures"])


def test_only_client_and_answer_are_sent(endpoint, rewards):
    prompt = [{"role": "system", "content": "SYSTEM"}, {"role": "user", "content": CLIENT}]
    rewards()([prompt], [[{"role": "assistant", "content": tagged(KIND)}]])
    sent = str(endpoint.requests)
    assert CLIENT in sent and KIND in sent
    assert "SYSTEM" not in sent and "Response approach" not in sent


def test_from_a_running_loop_and_after_pickling(rewards):
    reward = pickle.loads(pickle.dumps(rewards()))

    async def train():
        return reward([CLIENT], [tagged(KIND)])

    assert asyncio.run(train()) == [0.75]


def test_a_recipe_without_the_judge():
    with pytest.raises(InputError, match=r"empathy\.judges\.llm: openai"):
        make("llm_judge", answer="whole").preflight()
    with pytest.raises(InputError, match=r"empathy\.judges\.llm: openai"):
        make("llm_judge", answer="whole")([CLIENT], [KIND])


def test_preflight_sends_nothing(endpoint, rewards):
    rewards().preflight()
    assert not endpoint.requests
