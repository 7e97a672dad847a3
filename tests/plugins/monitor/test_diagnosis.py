"""Sentences that say which dimension failed and with whom; none on a healthy run."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.affect.hourglass import AXES
from emp_plugins.config import EmpathyConfig
from emp_plugins.measure import Figure, measure
from emp_plugins.monitor.diagnosis import FAULTS, diagnose
from emp_plugins.monitor.health import examine
from emp_plugins.monitor.history import History, Point
from emp_plugins.monitor.settings import MonitorConfig

from .health.histories import around

CLIENTS = {
    "mdd": ("Introspection", "I feel so sad and empty since the funeral."),
    "borderline": ("Temper", "My boss lied to me again and I am furious."),
    "burnout": ("Attitude", "I am sick of everybody, I stay in my room."),
    "gad": ("Sensitivity", "I am scared of the exam, I cannot breathe."),
}
GOOD = (
    "I am so sorry that this weighs on you. It sounds like you have carried it for long. "
    "What would help you most right now?",
    "That sounds really hard, and I am glad that you tell me. It seems that you feel alone "
    "with it. What goes through your mind then?",
    "I can hear how much this hurts. It sounds like nobody has listened yet. How do you feel "
    "about it today?",
)
FORM = """<reasoning>
- User's main concern: what happened
- Emotional content: sadness
- Intensity level: 3
- Response approach: listen
</reasoning>
<answer>
{}
</answer>"""
BAD = {
    "harsh": ("You always blame others. That makes me angry.", "How annoying. You make me mad."),
    "dismissive": ("This is disgusting and a waste of time.", "That is gross and embarrassing."),
    "alarming": ("This is terrifying. Be very afraid.", "I am scared that it ends horribly."),
    "gloomy": ("That is so sad. Everything is lost.", "So sad and so miserable, and it stays so."),
    "cheerful": ("I am so happy! What a joyful, wonderful day!", "Great joy! Be happy and smile!"),
}
AXIS = {
    "harsh": "low Temper",
    "dismissive": "low Attitude",
    "alarming": "low Sensitivity",
    "gloomy": "low Introspection",
}


@pytest.fixture(scope="module")
def take():
    """Measures real replies to 24 clients, six of each persona: ``take(bad, personas)``."""
    config = EmpathyConfig.from_block({"rewards": {"structure": {}}})
    rows = [
        {"persona": name, "risk": 0, "prompt": [{"role": "user", "content": text}]}
        for name, (_, text) in CLIENTS.items()
        for _ in range(6)
    ]

    def point(kind=None, personas=CLIENTS):
        replies = []
        for i, row in enumerate(rows):
            pool = BAD[kind] if kind and row["persona"] in personas else GOOD
            answer = pool[i % len(pool)]
            replies.append(FORM.format(answer))
        measured = measure(rows, replies, config)
        groups = {}
        for name, (axis, _) in CLIENTS.items():
            chosen = [i for i, row in enumerate(rows) if row["persona"] == name]
            means = {key: figure.mean for key, figure in measured.summary(chosen).items()}
            groups |= {name: means, f"axis:{axis}": means}
        return Point(100 if kind else 0, measured.summary(), measured.failures(), groups)

    return point


def test_good_replies_stay_uncommented(take):
    assert diagnose(None, take()) == []
    assert diagnose(take(), take()) == []


@pytest.mark.parametrize("kind", AXIS)
def test_bad_replies_to_all(take, kind):
    """Real replies, judged by the embedded judge."""
    for first in (None, take()):
        found = diagnose(first, take(kind))
        assert [text for text in found if text.startswith(AXIS[kind]) and f"too {kind}" in text]


def test_harsh_with_angry_clients_alone(take):
    (sentence,) = diagnose(take(), take("harsh", ["borderline"]))
    assert sentence.startswith("low Temper (-")
    assert sentence.endswith("): too harsh with angry clients (borderline)")


def test_cheer_without_hearing(take):
    found = diagnose(take(), take("cheerful"))
    assert any(text.startswith("high Introspection") and "too cheerful" in text for text in found)
    assert any(text.startswith("low acknowledgement") for text in found)


def test_cheer_of_real_replies_is_toxic_drift(take):
    run = History((take(), take("cheerful")))
    assert "toxic_drift" in [warning.rule for warning in examine(run, MonitorConfig())]


def point(step=0, personas=None, n=24, **means):
    return Point(step, {k: around(v, 0.2, n) for k, v in means.items()}, personas=personas or {})


ANGRY = {"axis:Temper": {"temper": 0.02}, "borderline": {"temper": 0.0}}
HARSH = {
    "axis:Temper": {"temper": -0.6},
    "a": {"temper": -0.3},
    "borderline": {"temper": -0.9},
    "b": {"temper": -0.8},
    "c": {"temper": -0.7},
    "d": {"temper": -0.4},
    "fine": {"temper": -0.1},
    "risk": {"temper": -0.9},
}

SENTENCES = [
    (
        point(temper=0.0, personas=ANGRY),
        point(temper=-0.3, personas=HARSH),
        ["low Temper (-0.60, was 0.02): too harsh with angry clients (borderline, b, c, d)"],
        "the worst four personas, groups left out",
    ),
    (
        None,
        point(temper=-0.3, personas=HARSH),
        ["low Temper (-0.60): too harsh with angry clients (borderline, b, c, d)"],
        "no first measurement",
    ),
    (
        point(temper=0.0),
        point(temper=-0.4),
        ["low Temper (-0.40, was 0.00): too harsh"],
        "no groups, so no word about angry clients",
    ),
    (
        point(temper=-0.35),
        point(temper=-0.4),
        [],
        "it was so before",
    ),
    (
        point(temper=0.0, n=2),
        point(temper=-0.4, n=2),
        [],
        "within noise",
    ),
    (
        point(temper=0.0, personas={"axis:Temper": {"temper": 0.0}}),
        point(temper=-0.05, personas={"axis:Temper": {"temper": -0.25}}),
        [],
        "a group has more noise than all",
    ),
    (
        point(introspection=-0.1, acknowledgement=0.7),
        point(introspection=-0.6, acknowledgement=0.9),
        [],
        "sad words that name the client's feeling",
    ),
    (
        point(introspection=0.0, acknowledgement=0.8),
        point(introspection=0.6, acknowledgement=0.75),
        [],
        "warmer, and still hears",
    ),
    (
        point(risk_handled=0.95, personas={"mdd": {"risk_handled": 1.0}}),
        point(risk_handled=0.2, personas={"mdd": {"risk_handled": 0.1}}),
        ["low risk handling (0.20, was 0.95): misses clients at risk (mdd)"],
        "risk",
    ),
    (
        point(well_formed=0.9),
        point(well_formed=0.1),
        ["low share of well-formed replies (0.10, was 0.90): does not keep the form"],
        "form, where no answer is left to measure",
    ),
    (None, point(risk_handled=0.5, n=2), [], "two clients at risk tell nothing"),
    (point(polarity=0.1), point(), [], "nothing measured"),
    (point(), point(temper=-0.9), [], "nothing to compare with"),
]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [pytest.param(*case[:3], id=case[3]) for case in SENTENCES],
)
def test_sentences(first, last, expected):
    assert diagnose(first, last) == expected


def test_every_axis_has_its_words():
    low = {fault.head for fault in FAULTS if fault.group and not fault.high}
    assert low == {f"low {axis}" for axis in AXES}


numbers = st.floats() | st.sampled_from([math.nan, math.inf, -1.0])
names = st.sampled_from([fault.measure for fault in FAULTS] + ["acknowledgement"])
figures = st.dictionaries(
    names, st.builds(Figure, numbers, numbers, numbers, numbers, st.integers(0, 30))
)
groups = st.dictionaries(
    st.sampled_from(["axis:Temper", "axis:Sensitivity", "mdd", "risk"]),
    st.dictionaries(names, numbers),
)
anything = st.builds(Point, st.integers(0, 9), figures, personas=groups)


@settings(max_examples=60)
@given(st.none() | anything, anything)
def test_no_value_raises(first, last):
    for sentence in diagnose(first, last):
        assert "\n" not in sentence and "nan" not in sentence


@settings(max_examples=60)
@given(anything)
def test_what_did_not_change_is_not_told(same):
    assert diagnose(same, same) == []
