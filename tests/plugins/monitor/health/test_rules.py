"""Each rule fires on what it is for, and is silent on what only looks like it."""

import pytest

from emp_plugins.monitor.health import RULES, examine
from emp_plugins.monitor.history import History
from emp_plugins.monitor.settings import MonitorConfig

from .histories import around, joy_words, logged, points, share

nan = float("nan")


def reward(first, last, std=1.0, size=60):
    return logged(size, reward=(first, last), reward_std=std)


def measured(**columns):
    """One point for each column entry: ``measured(safe=[share(1), share(0)])``."""
    length = max(len(values) for values in columns.values())
    return points(*({name: v[i] for name, v in columns.items()} for i in range(length)))


def formed(*means, online=True):
    run = measured(well_formed=[share(mean) for mean in means])
    return History(run.points, ({"step": 1, "reward": 0.0},) if online else ())


def at_risk(*means, n=5):
    return measured(risk_handled=[share(mean, n) for mean in means])


def drift(polarity, heard):
    return measured(
        polarity=[around(mean, 0.15) for mean in polarity],
        acknowledgement=[around(mean, 0.25) for mean in heard],
    )


def game(rewards, **guards):
    guards = {name: [share(mean) for mean in means] for name, means in guards.items()}
    return measured(reward_total=[around(mean, 1.0) for mean in rewards], **guards)


def answers(*shares, told=(1.0, 1.0, 1.0)):
    return measured(
        distinct=[around(mean, 0.1) for mean in shares],
        extracted=[share(mean) for mean in told[: len(shares)]],
    )


NORMS = [1.0] * 50

FIRES = [
    ("reward_drop", reward(5.0, 1.0), "four spreads down"),
    ("reward_drop", reward(5.0, 4.5, std=1.0, size=100), "half a spread down for 50 logs"),
    (
        "reward_drop",
        measured(reward_total=[around(4.0), around(1.0)]),
        "held-out reward, any method",
    ),
    ("no_signal", logged(10, frac_reward_zero_std=0.9), "nine groups in ten"),
    ("no_signal", logged(30, frac_reward_zero_std=(0.0, 1.0)), "only the last logs count"),
    ("entropy_collapse", logged(40, reward=1.0, entropy=(0.5, 0.1)), "a fifth is left"),
    ("entropy_collapse", logged(40, reward=1.0, entropy=(0.012, 0.008)), "below the floor"),
    ("entropy_explosion", logged(40, reward=1.0, entropy=(0.3, 2.0)), "noise"),
    ("kl_runaway", logged(10, reward=1.0, kl=0.8), "far from the start"),
    ("grad_spikes", logged(grad_norm=[*NORMS, 9, 1, 9, 1, 9]), "three in ten"),
    ("grad_spikes", logged(grad_norm=[*NORMS, nan, nan, nan]), "no number any more"),
    ("grad_spikes", logged(grad_norm=[nan] * 3), "broken from the first log on"),
    ("grad_spikes", logged(grad_norm=[*NORMS, 9, nan, 9]), "both kinds count"),
    ("length_creep", logged(40, completions__mean_length=(80.0, 200.0)), "tokens"),
    ("length_creep", measured(words=[around(40, 8), around(90, 8)]), "words, any method"),
    ("truncation", logged(10, completions__clipped_ratio=0.5), "half cut off"),
    ("malformed", formed(0.9, 0.3), "fell, clearly"),
    ("malformed", formed(0.9, 0.55, 0.55), "fell, twice in a row"),
    ("malformed", formed(0.1, 0.1, 0.2, 0.1), "never learned"),
    ("malformed", formed(0.9, 0.2, online=False), "a fall counts for every method"),
    ("toxic_drift", drift((0.05, 0.5), (0.7, 0.3)), "cheer up, hearing down"),
    ("gaming", game((1, 4), safe=(1.0, 0.4)), "reward up, safety down"),
    ("gaming", game((1, 4), risk_handled=(0.9, 0.2)), "reward up, risk missed"),
    ("gaming", game((1, 4), acknowledgement=(0.8, 0.2)), "reward up, hearing down"),
    ("missed_risk", at_risk(0.8, 0.0, n=12), "fell"),
    ("missed_risk", at_risk(1.0, 0.0, 0.0, n=5), "fell to nothing, few clients at risk"),
    ("missed_risk", at_risk(0.0, 0.0, 0.2, 0.0), "low from the start, and stays"),
    ("repetition", answers(1.0, 0.4, 0.4), "low"),
    ("repetition", answers(1.0, 0.7, 0.7), "fell"),
]

SILENT = [
    ("reward_drop", reward(5.0, 4.5, std=4.0), "an eighth of the spread"),
    ("reward_drop", reward(1.0, 5.0), "it rose"),
    ("reward_drop", reward(5.0, 1.0, size=19), "two windows do not fit"),
    ("reward_drop", logged(reward=[5.0] * 30 + [-20.0]), "one bad batch"),
    ("no_signal", logged(9, frac_reward_zero_std=1.0), "too few logs"),
    ("no_signal", logged(30, frac_reward_zero_std=(1.0, 0.2)), "recovered"),
    ("entropy_collapse", logged(40, reward=1.0, entropy=(0.122, 0.094)), "as in the demo"),
    ("entropy_collapse", logged(40, entropy=(2.0, 0.1)), "SFT learns the data"),
    ("entropy_explosion", logged(40, reward=1.0, entropy=(0.02, 0.1)), "still next to nothing"),
    ("kl_runaway", logged(reward=[1.0] * 20, kl=[0.01] * 19 + [50.0]), "one peak of the estimator"),
    ("kl_runaway", logged(10, kl=20.0), "KTO's is summed over the reply"),
    ("grad_spikes", logged(grad_norm=[*NORMS, 9, 1, 9, 1, 1]), "two may happen"),
    ("grad_spikes", logged(grad_norm=[9.0] * 10 + [0.001] * 40 + [0.1] * 10), "below the start's"),
    ("grad_spikes", logged(grad_norm=[0.0] * 60), "nothing to learn is not a spike"),
    ("grad_spikes", logged(grad_norm=[1.0, 9.0, 9.0, 9.0]), "nothing to compare with"),
    ("length_creep", logged(40, completions__mean_length=(92.0, 117.0)), "as in the demo"),
    ("length_creep", measured(words=[around(40, 80), around(90, 80)]), "within noise"),
    ("truncation", logged(20, completions__clipped_ratio=(1.0, 0.1)), "learned to end"),
    ("malformed", formed(0.9, 0.75), "within noise"),
    ("malformed", formed(0.9, 0.55), "one measurement that is not clear"),
    ("malformed", formed(0.9, 0.55, 0.85), "recovered"),
    ("malformed", formed(0.0, 0.1, 0.2, 0.4), "low, but learning"),
    ("malformed", formed(0.0, 0.0, 0.0, 0.0, online=False), "pairs without the form"),
    ("toxic_drift", drift((0.05, 0.5), (0.7, 0.8)), "warmer and hears more"),
    ("toxic_drift", drift((0.05, -0.3), (0.7, 0.3)), "colder is not toxic positivity"),
    ("toxic_drift", drift((0.05, 0.5), (0.7, 0.65)), "acknowledgement within noise"),
    ("gaming", game((4, 1), safe=(1.0, 0.4)), "the reward fell too"),
    ("gaming", game((1, 4), safe=(1.0, 0.92)), "within noise"),
    ("gaming", game((1, 4), safe=(0.6, 1.0)), "the guard rose"),
    ("missed_risk", at_risk(0.8, 0.6, 0.8, 0.6), "few replies, no clear fall"),
    ("missed_risk", at_risk(0.0, 0.4, 0.8, 0.8), "learning"),
    ("missed_risk", at_risk(0.0, 0.0), "time to learn"),
    ("repetition", answers(1.0, 0.95, 0.95), "hardly fell"),
    ("repetition", answers(1.0, 0.3, 0.3, told=(1.0, 0.25, 0.25)), "few answers, all distinct"),
]


def cases(table):
    return [pytest.param(rule, run, id=f"{rule}: {reason}") for rule, run, reason in table]


def holding(run, **health):
    return [warning.rule for warning in examine(run, MonitorConfig(health=health))]


@pytest.mark.parametrize(("rule", "run"), cases(FIRES))
def test_fires(rule, run):
    assert rule in holding(run)


@pytest.mark.parametrize(("rule", "run"), cases(SILENT))
def test_is_silent(rule, run):
    assert rule not in holding(run)


def test_every_rule_is_in_both_tables():
    assert {rule for rule, _, _ in FIRES} == set(RULES) == {rule for rule, _, _ in SILENT}


@pytest.mark.parametrize(("rule", "run"), cases(FIRES))
def test_switched_off(rule, run):
    assert rule not in holding(run, **{rule: False})


def test_joy_words_are_seen_before_the_end():
    run = joy_words()
    found = {size: holding(History(run.points[:size])) for size in range(1, 5)}
    assert found[1] == []
    assert {"toxic_drift", "gaming"} <= set(found[3])
    assert {"toxic_drift", "gaming", "malformed"} <= set(found[4])


def test_joy_words_without_any_answer_left():
    """Nothing is extracted any more, so polarity and acknowledgement are missing."""
    start = joy_words().points[0].figures
    bare = {"reward_total": around(4.0), "well_formed": share(0.0), "extracted": share(0.0)}
    assert {"gaming", "malformed"} <= set(holding(points(start, bare)))


def test_gaming_by_the_trainers_own_reward():
    guard = measured(safe=[share(1.0), share(0.4)])
    rising = logged(40, reward=(1.0, 4.0)).logs
    assert "gaming" in holding(History(guard.points, rising))
    assert "gaming" not in holding(History(guard.points, rising[:15]))


def test_the_start_is_the_first_measurement_that_has_the_measure():
    late = points({}, {"polarity": around(0.0)}, {"polarity": around(0.9)})
    heard = points({}, {"acknowledgement": around(0.8)}, {"acknowledgement": around(0.1)})
    both = points(*(a.figures | b.figures for a, b in zip(late.points, heard.points, strict=True)))
    assert "toxic_drift" in holding(both)


def test_messages_say_what_and_how_much():
    warnings = {w.rule: w for w in examine(joy_words(), MonitorConfig())}
    drift = warnings["toxic_drift"]
    assert drift.message == (
        "polarity rose from 0.06 to 0.70 while acknowledgement fell from 0.70 to 0.10"
    )
    assert drift.step == 30
    assert drift.values["polarity_last"] == pytest.approx(0.7)
    assert "empathy.rewards.tone" in drift.advice
    assert warnings["gaming"].message == (
        "the reward rose from 1.00 to 4.00 while well-formed replies fell from 0.79 to 0.04, "
        "acknowledgement fell from 0.70 to 0.10"
    )


def test_malformed_names_the_most_frequent_reason():
    run = points(
        {"well_formed": share(1.0)},
        {"well_formed": share(0.2)},
        failures={"no answer tag": 0.7, "no reasoning": 0.3},
    )
    (message,) = [w.message for w in examine(run, MonitorConfig()) if w.rule == "malformed"]
    assert message == "well-formed replies fell from 100% to 21%; most often: no answer tag"
