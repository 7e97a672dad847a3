"""Profiles of sessions: the shipped ten turns by hand, and by the embedded judges."""

import json
from dataclasses import replace

import numpy as np
import pytest

from emp_plugins.affect import hourglass
from emp_plugins.config import EmpathyConfig
from emp_plugins.judges import load
from emp_tooling.mood.profiles import across, profiles
from emp_tooling.mood.rows import Said
from emp_tooling.mood.sessions import Session, example, read_sessions

PLAIN = EmpathyConfig.from_block({})

# The turns of example.jsonl. Every axis is 0 or at least 0.1, so that polarity is the sum of a
# row divided by the number of its axes that are not 0; rolling is the mean of the last three
# polarities, the arrow their last minus their first against 0.05. A category needs a lowest axis
# of -0.25; it is high where the polarity of the axes from the lowest up reaches -0.5, elevated
# at -0.2. Risk is disclosed in the fourth turn, and stays.
BY_HAND = [
    # I    T     A     S    polarity         rolling               trend       category      risk
    ((-0.4, 0, 0, -0.6), -0.5, "-1.0 / 2", -0.5, "Stable", "anxiety, high: S alone -0.6", 0),
    ((-0.3, -0.1, 0, -0.5), -0.3, "-0.9 / 3", -0.4, "Improving", "anxiety, high: S is -0.5", 0),
    ((-0.2, -0.7, -0.3, 0), -0.4, "-1.2 / 3", -0.4, "Improving", "outburst, high: T is -0.7", 0),
    ((-0.9, 0, -0.1, -0.2), -0.4, "-1.2 / 3", -1.1 / 3, "Declining", "depression, high: I", 2),
    ((-0.6, 0, 0, -0.2), -0.4, "-0.8 / 2", -0.4, "Stable", "depression, high: I is -0.6", 2),
    ((-0.2, 0, 0.2, -0.3), -0.1, "-0.3 / 3", -0.3, "Improving", "none: (0.2 - 0.3) / 2", 2),
    ((0, -0.1, -0.4, 0), -0.25, "-0.5 / 2", -0.25, "Improving", "withdrawal, elevated: -0.4", 2),
    ((0.1, 0.2, 0, 0), 0.15, "0.3 / 2", -0.2 / 3, "Improving", "none: nothing below 0", 2),
    ((0.3, 0, 0.3, -0.3), 0.1, "0.3 / 3", 0.0, "Improving", "none: polarity is above 0", 2),
    ((0.5, 0.2, 0.2, 0), 0.3, "0.9 / 3", 0.55 / 3, "Improving", "none", 2),
]
# Least squares over ten turns: sum((t - 5.5) p_t) / sum((t - 5.5)^2), and the latter is 82.5.
# Polarity: 2.25 + 1.05 + 1 + 0.6 + 0.2 - 0.05 - 0.375 + 0.375 + 0.35 + 1.35 = 6.75.
SLOPE = 6.75 / 82.5
# Introspection: 1.8 + 1.05 + 0.5 + 1.35 + 0.3 - 0.1 + 0 + 0.25 + 1.05 + 2.25 = 8.45.
INTROSPECTION_SLOPE = 8.45 / 82.5
# Over the last three: (p_10 - p_8) / 2.
RECENT_SLOPE = (0.3 - 0.15) / 2


@pytest.fixture(scope="module")
def ten_turns():
    return read_sessions([example()]).sessions


def test_the_ten_turns_are_as_computed_by_hand(ten_turns):
    (found,) = profiles(ten_turns, PLAIN)
    mood = found.mood
    assert (found.given, len(mood), found.session) == (10, 10, "example")
    for place, (axes, polarity, how, rolling, trend, category, risk) in enumerate(BY_HAND):
        assert mood.axes[place].tolist() == list(axes)
        assert mood.polarity[place] == pytest.approx(polarity, abs=1e-12), how
        assert mood.rolling[place] == pytest.approx(rolling, abs=1e-12), place
        assert mood.trends[place] == trend, place
        name, _, level = category.partition(":")[0].partition(", ")
        assert mood.categories[place].name == name, category
        assert mood.categories[place].level == (level or "none"), category
        assert found.flags[place].so_far == risk, place
    assert mood.slope == pytest.approx(SLOPE, abs=1e-12)
    assert mood.axis_slopes[0] == pytest.approx(INTROSPECTION_SLOPE, abs=1e-12)
    assert mood.slopes[-1] == pytest.approx(RECENT_SLOPE, abs=1e-12)
    assert [flag.level for flag in found.flags] == [0, 0, 0, 2, 0, 0, 0, 0, 0, 0]
    assert found.flags[3].rule == "sleep_forever"


def test_the_numbers_of_the_file_need_no_emotion_judge(ten_turns):
    def ask(kind):
        assert kind == "risk"
        return load(kind)

    profiles(ten_turns, PLAIN, judge=ask)


def test_the_embedded_judge_reads_the_ten_turns(ten_turns):
    said = tuple(replace(one, affect=None) for one in ten_turns[0].said)
    client, reply = profiles([Session("read", said)], PLAIN, who=("client", "reply"))
    texts = [one.text for one in said if one.who == "client"]
    dims = hourglass.dimensions(load("emotion").score(texts))
    dims = np.clip(dims, -1, 1)
    calm = np.array([flag.level < 2 for flag in client.flags])
    assert client.given == 0 and np.abs(client.mood.axes - dims)[calm].max() < 1e-12
    assert not calm.all() and client.mood.axes[~calm].max() <= 0  # a disclosure is no hope
    assert client.mood.polarity == pytest.approx(hourglass.polarity(client.mood.axes))
    lowest = [hourglass.AXES[axis] for axis in client.mood.axes.argmin(axis=1)]
    assert lowest[0] == "Sensitivity" and lowest[2] == "Temper"  # terrified; so angry
    assert lowest[4] == "Introspection"  # lonely since my grandmother died
    assert client.mood.slope > 0 and client.mood.polarity[-1] > 0 > client.mood.polarity[0]
    assert (reply.who, len(reply.mood), reply.flags) == ("reply", 10, ())


def test_a_judge_is_asked_once_for_all_sessions(ten_turns):
    asked = []

    def ask(kind):
        asked.append(kind)
        return load(kind)

    said = (Said("client", "I am so angry."), Said("client", "I am calm now."))
    found = profiles([Session("a", said), Session("b", said)], PLAIN, judge=ask)
    assert sorted(asked) == ["emotion", "risk"]
    assert found[0].mood.axes.tolist() == found[1].mood.axes.tolist()


@pytest.mark.parametrize(
    ("said", "flag", "why"),
    [
        (Said("client", "The bus was late.", risk=2), (2, "given in the file"), "the file knows"),
        (Said("client", "The bus was late.", risk=2, rule="farewell"), (2, "farewell"), "and why"),
        (Said("client", "I want to die.", risk=0), (2, None), "plain words count for more"),
        (Said("client", "The bus was late.", risk=0), (0, "none"), "nothing"),
        (Said("client", "The bus was late."), (0, "none"), "read by both readers"),
    ],
)
def test_risk_of_a_message(said, flag, why):
    (found,) = profiles([Session("a", (said,))], PLAIN)
    level, rule = flag
    assert found.flags[0].level >= level if rule is None else found.flags[0].level == level, why
    assert rule is None or found.flags[0].rule == rule


def test_replies_are_read_without_their_tags():
    text = "<reasoning>\nRage, hatred, fury.\n</reasoning>\n<answer>\nThank you.\n</answer>"
    config = EmpathyConfig.from_block({})
    tagged = Session("a", (Said("reply", text),))
    bare = Session("b", (Said("reply", "Thank you."),))
    found = profiles([tagged, bare], config, who=("reply",))
    assert found[0].mood.axes.tolist() == found[1].mood.axes.tolist()


def test_sessions_follow_one_another():
    def session(name, *affects):
        return Session(name, tuple(Said("client", "Well.", affect=one) for one in affects))

    sessions = [
        session("monday", (-0.8, 0, 0, 0), (-0.4, 0, 0, 0)),  # mean -0.6
        session("friday", (-0.2, 0, 0, 0)),
        Session("silent", (Said("reply", "Hello."),)),
    ]
    found = profiles(sessions, PLAIN)
    assert [one.session for one in found] == ["monday", "friday"]
    over = across(found, PLAIN)
    assert over.polarity == pytest.approx([-0.6, -0.2])
    assert over.rolling == pytest.approx([-0.6, -0.4])
    assert (over.trend, over.slope) == ("Improving", pytest.approx(0.4))
    assert across(found[:1], PLAIN) is None


def test_the_matrix_and_the_thresholds_are_the_recipe_s():
    block = {"matrix": {"gratitude": [0, -1, 0, 0]}, "categories": {"names": {"temper": "rage"}}}
    session = Session("a", (Said("client", "Thank you so much!"),))
    (found,) = profiles([session], EmpathyConfig.from_block(block))
    assert found.mood.category.name == "rage"


def test_the_example_is_one_message_a_line():
    rows = [json.loads(line) for line in example().read_text(encoding="utf-8").splitlines()]
    assert [row["role"] for row in rows] == ["user", "assistant"] * 10
    assert all(("affect" in row) == (row["role"] == "user") for row in rows)
