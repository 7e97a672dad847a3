"""How what a client hears moves their affect: s_t to s_{t+1}, as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emp_datagen.judging.clinical import Judged, next_state
from emp_datagen.simulation.record import Effect, Heard
from emp_plugins.affect import hourglass

EASED_FROM = 0.2
"""A reply that moves the client at least this far has eased them."""

HURT_FROM = 0.1
"""A reply that hurts at least this much has hurt them, whatever else it did."""

DISMISSED_FROM = 0.25
"""From this far below enough on, a poor reply begins to feel like a dismissal."""

WOUNDS: Mapping[str, tuple[float, ...]] = {
    "plain": (0.0, 0.5, 0.5, 0.0),
    "terse": (0.0, 0.3, 0.7, 0.0),
    "rambling": (0.0, 0.4, 0.6, 0.0),
    "hostile": (0.0, 0.8, 0.2, 0.0),
    "deflecting": (0.0, 0.1, 0.9, 0.0),
}
"""Where hurt goes, in the order of ``AXES``, by the way a client talks: a hostile one gets angrier,
a deflecting one withdraws. Each sums to 1, so that no way of talking costs a model more."""


@dataclass(frozen=True)
class Listening:
    """What a client makes of a reply; the defaults were chosen on the ``dev`` situations.

    With T the judges' total of the reply and ``fresh`` the share of it that the client has not
    heard word by word in an earlier reply::

        felt   = clip((T - enough) / room, -1, 1);  -1 where a rule forbids the reply
        moved  = felt * fresh  where felt > 0, else felt
        hurt   = 1 where a rule forbids the reply, else the larger of -tone (a harsh tone) and
                 (-felt - 0.25) / 0.75 (a dismissal), not below 0

    and with e the client's axes, e_1 those with which they came, d the axis in deficit, and w the
    client's ``WOUNDS``::

        e'_d  = clip(e_d + 0.3 * moved)          `emp_datagen.judging.clinical.next_state`
        e_t+1 = clip(e' + pull * (e_1 - e_t) - wound * hurt * w)

    each axis in [-1, 1] and rounded to two decimals. ``pull`` draws the client back to where they
    came from, so that good replies ease and poor ones worsen, but not endlessly. The whole total
    moves them and not ``affective_shift`` alone, which a bare "thank you for telling me" or a kind
    piece of advice already raises above .5.

    Polarity is the sum of the axes over N, clipped to [-1, 1], with N held where the dialogue
    began (`emp_plugins.affect.hourglass.polarity` of e_1): a count of active axes that moves would
    let [-.8, 0, 0, 0] rise from -.8 to -.45 when an axis falls to -.1. So a reply that is judged
    better never leaves a worse polarity.

    Attributes:
        enough: Total of a reply that leaves the client as they are. With the default rewards good
            replies of the bank have about .8 and its clinical errors .3 to .5.
        room: Distance of a total from it that moves the client as far as one reply can; above 0.
        pull: Share of the way back to where they came from, in [0, 1].
        wound: What the worst reply takes from Temper and Attitude together, at least 0.
    """

    enough: float = 0.55
    room: float = 0.25
    pull: float = 0.25
    wound: float = 0.2

    def hear(self, judged: Judged, fresh: float = 1.0) -> Heard:
        """What a reply does to a client.

        Args:
            judged: What the judges say of it.
            fresh: Share of it that the client has not heard before, in [0, 1].

        Returns:
            What it did.
        """
        veto = judged.veto
        felt = -1.0 if veto else _clip((judged.total - self.enough) / self.room)
        tone = judged.values.get("tone")
        dismissed = (-felt - DISMISSED_FROM) / (1 - DISMISSED_FROM)
        hurt = 1.0 if veto else min(max(-(tone or 0.0), dismissed, 0.0), 1.0)
        moved, hurt = _four(felt * fresh if felt > 0 else felt), _four(hurt)
        return Heard(moved, hurt, veto, effect_of(moved, hurt))

    def move(
        self, affect: Sequence[float], came: Sequence[float], heard: Heard, style: str
    ) -> tuple[float, ...]:
        """The client's axes after a reply.

        Args:
            affect: Their four axes before it, each in [-1, 1].
            came: Those with which they came.
            heard: What the reply did.
            style: How they talk; one without an entry in ``WOUNDS`` counts as plain.

        Returns:
            Four numbers in [-1, 1] with two decimals.

        Example:
            >>> low = (-0.6, 0.0, -0.2, 0.0)
            >>> Listening().move(low, low, Heard(1.0, 0.0, "", "eased"), "plain")
            (-0.3, 0.0, -0.2, 0.0)
            >>> Listening().move(low, low, Heard(-1.0, 1.0, "missed_risk", "hurt"), "hostile")
            (-0.9, -0.16, -0.24, 0.0)
        """
        pushed = next_state(affect, heard.moved, safe=True).affect
        wounds = WOUNDS.get(style, WOUNDS["plain"])
        return tuple(
            _two(_clip(to + self.pull * (home - now) - self.wound * heard.hurt * share))
            for to, home, now, share in zip(pushed, came, affect, wounds, strict=True)
        )


def effect_of(moved: float, hurt: float) -> Effect:
    """Whether a reply eased the client, left them unmoved or hurt them."""
    if hurt >= HURT_FROM:
        return "hurt"
    return "eased" if moved >= EASED_FROM else "unmoved"


def polarity(affect: Sequence[float], came: Sequence[float]) -> float:
    """Polarity of the axes, with the count of active ones held where the client came in.

    Args:
        affect: Four axes.
        came: Those with which the client came.

    Returns:
        A number in [-1, 1] with two decimals.

    Example:
        >>> came = (-0.8, 0.0, 0.0, 0.0)
        >>> polarity(came, came), polarity((-0.8, -0.1, 0.0, 0.0), came)
        (-0.8, -0.9)
    """
    sizes = [abs(value) for value in came]
    held = float(hourglass.polarity([sizes])[0])
    active = sum(sizes) / held if held else 1.0
    return _two(_clip(sum(affect) / active))


def fresh_share(reply: str, earlier: Sequence[str]) -> float:
    """The share of a reply's words that no earlier reply holds in the same five words in a row.

    Args:
        reply: What is said now.
        earlier: What was said before.

    Returns:
        A number in [0, 1].

    Example:
        >>> fresh_share("That sounds really hard for you.", ["That sounds really hard for you."])
        0.0
    """
    from emp_plugins.rewards.language.overlap import verbatim_share

    return 1.0 - max((verbatim_share(said, reply) for said in earlier), default=0.0)


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, float(value)))


def _two(value: float) -> float:
    # Adding 0.0 turns -0.0 into 0.0, which is written differently.
    return round(value, 2) + 0.0


def _four(value: float) -> float:
    return round(value, 4) + 0.0
