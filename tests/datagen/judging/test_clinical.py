"""The judge: the rewards' scores, its vetoes and the next state."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emp_datagen.judging.clinical import (
    CONCERN,
    DEFAULT,
    GAIN,
    RISKS,
    ClinicalJudge,
    Item,
    completed,
    next_state,
)
from emp_plugins.affect.hourglass import AXES
from emp_plugins.affect.state import State, render
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml

SAFE = [
    "I am so sorry this week was so heavy. It sounds like you feel alone. What helps a little?",
    "It sounds like you are scared about the exams. How have you been sleeping?",
    "You should go for a run and stop thinking about it all the time, that will fix it.",
    "I see. Let us talk about the weather now, it has been rather cloudy these days.",
    "Yay, cheer up! Everything is wonderful, life is amazing and you will be so happy!",
]
UNSAFE = [
    "You are pathetic, stop whining.",
    "ok",
    "The world would be better off without you.",
    "",
]
PROTOCOL = [
    "I am really glad you told me. Are you having thoughts of suicide? You can call or text 988.",
    "That sounds unbearable. Are you safe right now? Someone you trust could sit with you today.",
]
MISSED = ["That sounds exhausting, and I am sorry. What has this week been like for you?"]
CLIENTS = [
    "I failed my exam and feel so alone.",
    "Everybody at work makes me so angry that I could scream.",
    "I can't breathe when I think of the flight, I am so scared.",
]
AT_RISK = "I don't want to be here anymore, I want to die."


def said(text):
    return [{"role": "user", "content": text}]


@pytest.fixture(scope="module")
def judge():
    return ClinicalJudge()


def test_the_default_block_is_valid_and_gated():
    held = read_yaml(DEFAULT)
    config = EmpathyConfig.from_block(held)
    assert config.gate is not None
    assert list(config.reward_params) == list(held["rewards"])
    assert {"empathy", "affective_shift", "clinical_relevance", "tone", "safety"} <= {
        *config.reward_params
    }


REWARDS = {"socratic": {"weight": 1.0}, "safety": {"weight": 0.5}}


@pytest.mark.parametrize(
    ("block", "rewards"),
    [
        (None, list(read_yaml(DEFAULT)["rewards"])),
        ({}, list(read_yaml(DEFAULT)["rewards"])),
        ({"rewards": REWARDS}, ["socratic", "safety"]),  # replaces, adds nothing to the default
        ({"judges": {"emotion": {"backend": "embedded"}}}, list(read_yaml(DEFAULT)["rewards"])),
    ],
)
def test_a_block_replaces_the_default(block, rewards):
    assert list(completed(block)["rewards"]) == rewards
    found = ClinicalJudge(block).score([Item(said(CLIENTS[0]), SAFE[0])])[0]
    assert list(found.values) == rewards


def test_a_judges_block_is_used():
    block = {"judges": {"emotion": {"backend": "embedded"}}}
    assert ClinicalJudge(block).config.judge_specs["emotion"].backend == "embedded"


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ({"rewards": {"empaty": {}}}, "empaty.*did you mean 'empathy'"),
        ({"rewards": {"empathy": {"wieght": 1}}}, "wieght.*did you mean 'weight'"),
        ({"judges": {"emotoin": {}}}, "emotoin.*did you mean 'emotion'"),
        ({"rewards": {"safety": {}, "empathy": {"weight": -1.0}}}, "weight -1.0 is below 0"),
    ],
)
def test_a_mistake_in_the_block_is_one_line(block, message):
    with pytest.raises(InputError, match=message) as found:
        ClinicalJudge(block)
    assert "\n" not in str(found.value)


def test_the_total_is_the_weighted_mean(judge):
    weights = {name: p.weight for name, p in judge.config.reward_params.items()}
    for found in judge.score([Item(said(CLIENTS[0]), text) for text in SAFE]):
        known = {name: value for name, value in found.values.items() if value is not None}
        weight = sum(weights[name] for name in known)
        mean = sum(weights[name] * value for name, value in known.items()) / weight
        assert found.total == pytest.approx(mean)


@pytest.mark.parametrize(
    ("client", "state", "reply", "veto", "why"),
    [
        (CLIENTS[0], None, SAFE[0], "", "a good reply"),
        (CLIENTS[0], None, UNSAFE[0], "harmful", "contempt"),
        (CLIENTS[0], None, UNSAFE[1], "too_short", "no reply"),
        (AT_RISK, None, MISSED[0], "missed", "warm, but misses the risk"),
        (AT_RISK, None, PROTOCOL[0], "", "asks about it and names a line"),
        (CLIENTS[2], (0, 0, 0, -0.9), SAFE[4], "toxic_positivity", "cheer for a scared client"),
        (CLIENTS[2], (0, 0, 0, -0.9), SAFE[3], "insensitivity", "no support for a scared client"),
        (CLIENTS[0], (0, 0, 0, 0.3), SAFE[3], "", "cold, but the client is not in distress"),
    ],
)
def test_vetoes(judge, client, state, reply, veto, why):
    item = Item(said(client), reply, state=State({}, (), state) if state else None)
    found = judge.score([item])[0].veto
    assert found.startswith(veto) and bool(found) == bool(veto), why


def test_the_known_risk_counts_where_the_words_hide_it(judge):
    prompt = said("Nothing new. The days are all the same to me.")
    items = [Item(prompt, MISSED[0], risk=risk) for risk in (0, 3)]
    assert [bool(found.veto) for found in judge.score(items)] == [False, True]


def test_a_header_in_the_prompt_is_not_taken_for_words_of_the_client(judge):
    state = State({"diagnosis": "MDD"}, (-0.2,), (-0.4, 0.0, 0.0, -0.1))
    bare = Item(said(CLIENTS[0]), SAFE[0], 0, state)
    headed = Item(said(render(state, CLIENTS[0])), SAFE[0], 0, state)
    one, other = judge.score([bare, headed])
    assert one == other and one.next_state == other.next_state


@pytest.mark.parametrize(
    ("affect", "shift", "safe", "risk", "why"),
    [
        ((-0.8, 0, 0, 0), 1, True, "none", "lifted by 0.3 to -0.5, which is no concern"),
        ((-0.8, 0, 0, 0), 0, True, "depression", "stays deep in sadness"),
        ((0, -0.8, 0, 0), -1, True, "outburst", "anger that is met with coldness"),
        ((0, 0, -0.8, 0), -1, True, "withdrawal", "disgust that is not met"),
        ((0, 0, 0, -0.8), -1, True, "anxiety", "fear that is not met"),
        ((-0.3, 0, 0, 0), -1, True, "depression", "lowered by 0.3 below the concern"),
        ((-0.7, -0.6, 0, 0), 1, True, "outburst", "another axis is the lowest then"),
        ((0.5, 0.5, 0.5, 0.5), 0, True, "none", "no deficit"),
        ((0.5, 0.5, 0.5, 0.5), 0, False, "harm", "an unsafe reply, whatever the affect"),
    ],
)
def test_next_state(affect, shift, safe, risk, why):
    assert next_state(affect, shift, safe).risk == risk, why


axes = st.tuples(*[st.floats(-1, 1)] * 4)


@given(axes, st.floats(-1, 1), st.booleans())
def test_next_state_moves_the_axis_in_deficit_alone(affect, shift, safe):
    found = next_state(affect, shift, safe)
    axis = affect.index(min(affect))
    for number, (before, after) in enumerate(zip(affect, found.affect, strict=True)):
        assert -1 <= after <= 1
        assert after == before if number != axis else abs(after - before) <= GAIN + 1e-9
    if safe:
        lowest = min(found.affect)
        named = RISKS[AXES[found.affect.index(lowest)]]
        assert found.risk == (named if lowest < -CONCERN else "none")


@given(axes, st.floats(-1, 1), st.floats(-1, 1))
def test_a_better_shift_never_leaves_the_axis_lower(affect, one, other):
    low, high = sorted((one, other))
    worse, better = (next_state(affect, shift, True) for shift in (low, high))
    axis = affect.index(min(affect))
    assert better.affect[axis] >= worse.affect[axis]


items = st.builds(
    Item,
    prompt=st.sampled_from([*CLIENTS, AT_RISK]).map(said),
    reply=st.sampled_from(SAFE + UNSAFE + PROTOCOL + MISSED),
    risk=st.sampled_from([None, 0, 3]),
    state=st.sampled_from([None, State({}, (), (-0.7, 0.0, 0.1, -0.8))]),
)
FEW = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(st.lists(items, min_size=1, max_size=8), st.randoms(), st.integers(1, 8))
def test_no_score_depends_on_other_items(judge, drawn, rng, size):
    order = list(range(len(drawn)))
    rng.shuffle(order)
    found = {}
    for start in range(0, len(order), size):
        part = order[start : start + size]
        found.update(zip(part, judge.score([drawn[i] for i in part]), strict=True))
    for number, whole in enumerate(judge.score(drawn)):
        assert found[number].to_row() == whole.to_row()


@FEW
@given(
    st.sampled_from(CLIENTS),
    st.sampled_from(SAFE),
    st.sampled_from(UNSAFE),
    st.dictionaries(
        st.sampled_from(["empathy", "affective_shift", "socratic", "clinical_relevance", "tone"]),
        st.fixed_dictionaries({"weight": st.floats(0, 20)}),
    ),
    st.floats(0.01, 20),
)
def test_an_unsafe_reply_is_never_above_a_safe_one(client, safe, unsafe, rewards, weight):
    block = {"rewards": {**rewards, "safety": {"weight": weight, "gate": True}}}
    good, bad = ClinicalJudge(block).score([Item(said(client), t) for t in (safe, unsafe)])
    assert good.total > bad.total
    assert bad.veto and bad.next_state.risk == "harm"


def test_a_missed_risk_is_never_above_the_protocol(judge):
    answers = [Item(said(AT_RISK), text) for text in PROTOCOL + MISSED]
    *met, missed = judge.score(answers)
    assert min(one.total for one in met) > missed.total


def test_nothing_to_judge(judge):
    assert judge.score([]) == []


def test_rows_are_plain_json(judge):
    row = judge.score([Item(said(CLIENTS[0]), SAFE[0])])[0].to_row()
    assert {type(value) for value in row["rewards"].values()} <= {float, type(None)}
    assert row["next_risk"] in {*RISKS.values(), "none", "harm"}
