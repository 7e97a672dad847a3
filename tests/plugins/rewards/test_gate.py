"""An unsafe reply never ranks above a safe one, by TRL's and Axolotl's own aggregation code."""

import ast
import importlib.util
import textwrap
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emp_plugins.config import EmpathyConfig
from emp_plugins.rewards import build
from emp_plugins.rewards.gated import GatedReward

torch = pytest.importorskip("torch", reason="needs the train extra")

SAFE = [
    "I am so sorry this week was so heavy. It sounds like you feel alone. What helps a little?",
    "You should go for a run and stop thinking about it all the time, that will fix it.",
    "It sounds like you are scared about the exams. How have you been sleeping?",
]
AT_RISK_SAFE = [
    "I am really glad you told me. Are you having thoughts of suicide? You can call or text 988.",
    "That sounds unbearable. Are you safe right now? Someone you trust could sit with you today.",
]
UNSAFE = ["You are pathetic, stop whining.", "ok", "The world would be better off without you."]
MISSED = ["That sounds exhausting, and I am sorry. What has this week been like for you?"]


def source_file(module):
    """Finds a module's file without importing the packages above it."""
    package, *rest = module.split(".")
    root = Path(importlib.util.find_spec(package).origin).parent
    return root.joinpath(*rest).with_suffix(".py")


def aggregation_blocks():
    """Every `if self.multi_objective_aggregation == …` of the trainers, compiled as it stands."""
    for module in ("trl.trainer.grpo_trainer", "axolotl.core.trainers.grpo.async_trainer"):
        tree = ast.parse(source_file(module).read_text())
        for node in ast.walk(tree):
            test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
            if test == "self.multi_objective_aggregation == 'sum_then_normalize'":
                code = textwrap.dedent(ast.unparse(node))
                yield pytest.param(compile(code, module, "exec"), id=f"{module}:{node.lineno}")


BLOCKS = list(aggregation_blocks())


def nanstd(tensor, dim=None, keepdim=False):
    from trl.trainer.utils import nanstd as real

    return real(tensor, dim=dim, keepdim=keepdim)


def advantages(block, mode, rewards, weights, group, scale):
    table = torch.tensor([[float("nan") if v is None else v for v in row] for row in rewards])
    trainer = SimpleNamespace(
        multi_objective_aggregation=mode,
        scale_rewards=scale,
        reward_weights=torch.tensor(weights),
        reward_funcs=[None] * len(weights),
    )
    names = {
        "self": trainer,
        "torch": torch,
        "nanstd": nanstd,
        "device": torch.device("cpu"),
        "rewards_per_func": table,
        "num_generations": group,
        "unscorable_mask": torch.isnan(table).all(dim=1),
    }
    exec(block, names)
    return names["advantages"].tolist()


def noisy(values):
    """A user's reward that returns what the test drew, in order, None included."""

    def user_reward(prompts, completions, **columns):
        return values[: len(completions)]

    return user_reward


rewards_drawn = st.lists(
    st.one_of(st.none(), st.floats(-50, 50, allow_nan=False)), min_size=8, max_size=8
)


@pytest.fixture(scope="module")
def ours():
    block = {
        "rewards": {
            "semantic_similarity": {},
            "empathy": {"weight": 2.0},
            "affective_shift": {},
            "safety": {"gate": True},
            "structure": {"weight": 0.5},
        }
    }
    return build(EmpathyConfig.from_block(block))


def groups(draw_reply):
    return st.lists(draw_reply, min_size=8, max_size=8)


well_formed = st.sampled_from([True, True, False])
replies = groups(st.tuples(st.sampled_from(SAFE + UNSAFE), well_formed))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("mode", ["sum_then_normalize", "normalize_then_sum"])
@given(drawn=replies, user=rewards_drawn, scale=st.sampled_from(["group", "batch", "none"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_unsafe_never_above_safe(block, mode, ours, drawn, user, scale):
    check(block, mode, ours, "I failed my exam and feel so alone.", drawn, user, scale)


at_risk_replies = groups(st.tuples(st.sampled_from(AT_RISK_SAFE + MISSED + UNSAFE), well_formed))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("mode", ["sum_then_normalize", "normalize_then_sum"])
@given(drawn=at_risk_replies, user=rewards_drawn, scale=st.sampled_from(["group", "none"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_missed_risk_never_above_protocol(block, mode, ours, drawn, user, scale):
    check(block, mode, ours, "I don't want to be here anymore, I want to die.", drawn, user, scale)


def check(block, mode, ours, client, drawn, user, scale):
    template = ours[0].template
    texts = [
        template.render(["exams", "sad", "3", "listen"], reply) if ok else reply
        for reply, ok in drawn
    ]
    prompts = [[{"role": "user", "content": client}]] * len(texts)
    completions = [[{"role": "assistant", "content": text}] for text in texts]
    safety = next(reward for reward in ours if reward.name == "safety")
    functions = [*ours, GatedReward(noisy(user), safety)]
    columns = [fn(prompts=prompts, completions=completions) for fn in functions]
    weights = [reward.weight for reward in ours] + [1.0]
    table = list(zip(*columns, strict=True))
    unsafe = [value < 0 for value in columns[functions.index(safety)]]
    result = advantages(block, mode, table, weights, len(texts), scale)
    worst_safe = min((a for a, bad in zip(result, unsafe, strict=True) if not bad), default=None)
    for advantage, bad in zip(result, unsafe, strict=True):
        if bad and worst_safe is not None:
            assert advantage <= worst_safe + 1e-4


def test_blocks_found():
    ids = [parameter.id.split(":")[0] for parameter in BLOCKS]
    assert ids.count("trl.trainer.grpo_trainer") == 1
    assert ids.count("axolotl.core.trainers.grpo.async_trainer") >= 1


@pytest.mark.parametrize("block", BLOCKS)
def test_the_property_can_fail(block):
    """Without the gate a user's reward lifts the unsafe reply: the check above is no tautology."""
    table = [[-2.0, 10.0], [1.0, 0.0]]
    unsafe, safe = advantages(block, "sum_then_normalize", table, [1.0, 1.0], 2, "group")
    assert unsafe > safe


def test_none_and_values_below_the_floor(ours):
    """A user's None stays None for a safe reply; a value under the floor is raised to it."""
    safety = next(reward for reward in ours if reward.name == "safety")
    gated = GatedReward(noisy([None, -99.0, 5.0]), safety)
    texts = [SAFE[0], SAFE[1], UNSAFE[0]]
    assert gated(prompts=["I am sad."] * 3, completions=texts) == [None, -10.0, -10.0]
