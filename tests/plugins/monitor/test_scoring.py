"""The functions of a GRPO trainer, called as TRL calls them."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from emp_plugins.errors import InputError
from emp_plugins.monitor.scoring import check_skipped, trainer_rewards
from emp_plugins.rewards import make
from emp_plugins.rewards.gated import GatedReward

PROMPTS = [[{"role": "user", "content": "I failed."}]] * 2
COMPLETIONS = [
    [{"role": "assistant", "content": text}] for text in ("That hurts a great deal.", "ok")
]


def tokenizer(texts, add_special_tokens):
    return {"input_ids": [[1] * len(text.split()) for text in texts]}


def trainer(*functions):
    return SimpleNamespace(
        reward_funcs=list(functions),
        reward_func_names=[function.__name__ for function in functions],
        reward_weights=[1.0, 2.0, 3.0][: len(functions)],
        processing_class=tokenizer,
        state=SimpleNamespace(global_step=7),
    )


def called(made, columns=()):
    found = trainer_rewards(made, columns)
    given = {name: ["x", "y"] for name in columns}
    return {
        name: (function(prompts=PROMPTS, completions=COMPLETIONS, **given), weight)
        for name, (function, weight) in found.items()
    }


def test_users_functions_get_all_that_trl_passes():
    def plain(prompts, completions, completion_ids, trainer_state, log_extra, log_metric, **rest):
        log_metric("length", 1.0)
        log_extra("column", ["a", "b"])
        assert trainer_state.global_step == 7 and rest == {"gold": ["x", "y"]}
        return [float(len(ids)) for ids in completion_ids]

    async def later(completions, **columns):
        return [None for _ in completions]

    found = called(trainer(plain, later), ("gold",))
    assert found == {"plain": ([5.0, 1.0], 1.0), "later": ([None, None], 2.0)}


def test_an_async_function_runs_in_the_loop_of_the_training():
    """A client that it keeps between calls works in that loop alone."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    async def judged(completions, **columns):
        return [float(asyncio.get_running_loop() is loop) for _ in completions]

    made = trainer(judged)
    made.async_loop = loop
    try:
        assert called(made) == {"judged": ([1.0, 1.0], 1.0)}
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_behind_the_gate():
    def long(completions, **columns):
        return [float(len(messages[0]["content"])) for messages in completions]

    gated = GatedReward(long, make("safety", answer="whole"))
    assert called(trainer(gated)) == {"long": ([24.0, -10.0], 1.0)}  # "ok" is too short to be safe


def test_reward_models_are_left_out():
    from torch import nn

    class Model(nn.Identity):
        __name__ = "model"

    assert trainer_rewards(trainer(Model()), ()) == {}


def test_a_trainer_without_rewards():
    assert trainer_rewards(SimpleNamespace(), ()) is None


def test_a_column_that_the_prompts_lack():
    def exact(prompts, completions, gold):
        return [0.0 for _ in completions]

    with pytest.raises(InputError, match="the reward exact needs the column 'gold'"):
        trainer_rewards(trainer(exact), ("risk",))


def test_a_reward_that_is_skipped_may_need_any_column():
    def exact(prompts, completions, gold):
        return [0.0 for _ in completions]

    assert trainer_rewards(trainer(exact), ("risk",), ["exact"]) == {}
    check_skipped(["exact"], ["exact", "safety"])


@pytest.mark.parametrize(
    ("names", "hint"), [(["exact", "safety"], "did you mean 'exact'"), ([], "the run has none")]
)
def test_a_skipped_reward_that_is_not_there(names, hint):
    with pytest.raises(InputError, match=f"skip_rewards: no reward 'exatc'; {hint}"):
        check_skipped(["exatc"], names)
