"""How a reply moves the client: bounded, and never worse for being judged better."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.judging.clinical import Judged, next_state
from emp_datagen.simulation import Heard, Listening
from emp_datagen.simulation.listening import WOUNDS, effect_of, fresh_share, polarity

DEFAULT = Listening()
axes = st.tuples(*[st.floats(-1, 1)] * 4)
styles = st.sampled_from([*WOUNDS, "a style that a user made up"])
totals, tones = st.floats(-2, 1), st.floats(-1, 1)
vetoes = st.sampled_from(["", "", "", "missed_risk", "toxic_positivity"])


def judged(total, tone=1.0, veto=""):
    state = next_state((0.0,) * 4, 0.0, True)
    return Judged(total, {"tone": tone}, veto, 0.0, state)


def polarity_after(one, affect, came, style, fresh=1.0):
    return polarity(DEFAULT.move(affect, came, DEFAULT.hear(one, fresh), style), came)


@pytest.mark.parametrize(
    ("total", "tone", "veto", "fresh", "moved", "hurt", "effect"),
    [
        (0.80, 1.0, "", 1.0, 1.0, 0.0, "eased"),  # a good reply
        (0.60, 1.0, "", 1.0, 0.2, 0.0, "eased"),  # the least that eases
        (0.55, 1.0, "", 1.0, 0.0, 0.0, "unmoved"),  # enough to leave them as they are
        (0.80, 1.0, "", 0.0, 0.0, 0.0, "unmoved"),  # word by word what they have heard already
        (0.80, -0.4, "", 1.0, 1.0, 0.4, "hurt"),  # warm words and a harsh one
        (0.30, 1.0, "", 1.0, -1.0, 1.0, "hurt"),  # a dismissal, in whatever words
        (0.30, 1.0, "", 0.0, -1.0, 1.0, "hurt"),  # that it is repeated makes it no better
        (0.80, 1.0, "missed_risk", 1.0, -1.0, 1.0, "hurt"),  # a rule forbids it
        (0.49, 1.0, "", 1.0, -0.24, 0.0, "unmoved"),  # a little poor is not yet a dismissal
        (0.80, None, "", 1.0, 1.0, 0.0, "eased"),  # judges without a reward for tone
    ],
)
def test_what_a_reply_does(total, tone, veto, fresh, moved, hurt, effect):
    heard = DEFAULT.hear(judged(total, tone, veto), fresh)
    assert heard.moved == pytest.approx(moved, abs=1e-4)
    assert (heard.hurt, heard.veto, heard.effect) == (pytest.approx(hurt), veto, effect)


@given(axes, axes, styles, totals, totals, tones, tones, vetoes, st.floats(0, 1))
def test_a_reply_judged_better_never_leaves_a_worse_polarity(
    affect, came, style, total, more, tone, softer, veto, fresh
):
    worse = judged(min(total, more), min(tone, softer), veto)
    better = judged(max(total, more), max(tone, softer))
    low, high = (polarity_after(one, affect, came, style, fresh) for one in (worse, better))
    assert low <= high


@given(axes, axes, styles, st.floats(-1, 1), st.floats(0, 1))
def test_axes_and_polarity_stay_within_bounds(affect, came, style, moved, hurt):
    after = DEFAULT.move(affect, came, Heard(moved, hurt, "", effect_of(moved, hurt)), style)
    assert all(-1 <= value <= 1 and round(value, 2) == value for value in after)
    assert -1 <= polarity(after, came) <= 1


@given(axes, styles)
def test_a_reply_that_does_nothing_leaves_them_as_they_came(came, style):
    came = tuple(round(value, 2) for value in came)
    assert DEFAULT.move(came, came, Heard(0.0, 0.0, "", "unmoved"), style) == pytest.approx(came)


def test_good_replies_ease_but_not_endlessly_and_poor_ones_worsen():
    came = (-0.5, -0.2, -0.3, -0.1)
    for heard, sign in ((Heard(1, 0, "", "eased"), 1), (Heard(-1, 1, "", "hurt"), -1)):
        affect, trail = came, []
        for _ in range(30):
            affect = DEFAULT.move(affect, came, heard, "plain")
            trail.append(sign * (polarity(affect, came) - polarity(came, came)))
        assert trail[0] < trail[3] < trail[-1] < 0.75
        assert trail[-1] - trail[-5] < 0.05  # it has come to rest


def test_a_hostile_client_gets_angrier_and_a_deflecting_one_withdraws():
    came, hurt = (-0.5, -0.2, -0.2, -0.1), Heard(-1.0, 1.0, "missed_risk", "hurt")
    hostile, deflecting = (DEFAULT.move(came, came, hurt, s) for s in ("hostile", "deflecting"))
    assert hostile[1] < deflecting[1] and deflecting[2] < hostile[2]
    assert polarity(hostile, came) == polarity(deflecting, came)


@pytest.mark.parametrize("style", WOUNDS)
def test_no_way_of_talking_costs_a_model_more(style):
    assert sum(WOUNDS[style]) == pytest.approx(1)


def test_an_axis_that_is_hurt_never_raises_polarity():
    """The count of active axes is held: else -.8 on one would become -.45 on two."""
    came = (-0.8, 0.0, 0.0, 0.0)
    assert polarity((-0.8, -0.1, 0.0, 0.0), came) < polarity(came, came)
    assert polarity((0.0,) * 4, (0.0,) * 4) == 0


@pytest.mark.parametrize(
    ("reply", "earlier", "share"),
    [
        ("That sounds really hard for you.", [], 1.0),
        ("That sounds really hard for you.", ["Tell me more about it."], 1.0),
        ("That sounds really hard for you.", ["x", "that sounds REALLY hard, for you"], 0.0),
        ("", ["That sounds really hard for you."], 1.0),
    ],
)
def test_fresh_share(reply, earlier, share):
    assert fresh_share(reply, earlier) == pytest.approx(share)
