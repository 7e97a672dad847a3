"""What is known about a client and a moment, in the words of a prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emp_datagen.bank import AT_RISK
from emp_plugins.affect.state import State
from emp_plugins.safety.reply import DANGER_IS_NEAR

UNKNOWN = "not known"

_POLES = (
    ("sadness or emptiness", "joy"),
    ("anger or irritation", "calm"),
    ("shame, disgust or rejection", "warmth and acceptance"),
    ("fear or worry", "confidence"),
)
"""What the low and the high end of each Hourglass axis feel like, in the order of ``AXES``."""

_DEGREES = ((0.6, "strong"), (0.3, "clear"), (0.1, "slight"))

_TRENDS = {"Improving": "getting better", "Declining": "getting worse", "Stable": "much the same"}

_AXES = ("introspection", "temper", "attitude", "sensitivity")

_STYLES = {
    "terse": "terse, a few short sentences and nothing explained",
    "plain": "plain and to the point",
    "rambling": "rambling, with loose ends and sentences that lose their thread",
    "deflecting": "deflecting, playing down what hurts and turning to lesser things",
    "hostile": "guarded and irritable, expecting little of this conversation, without insults",
}

_RISKS = (
    "level 0 of 4, none disclosed",
    "level 1 of 4, hopelessness or feeling a burden, without a wish to die",
    "level 2 of 4, a passive wish to be dead or not to wake up",
    "level 3 of 4, active thoughts of suicide, or self-harm",
    "level 4 of 4, a plan, preparation or intent to end their life",
)

_CALM = (
    "Do not ask about suicide or self-harm and name no crisis line or emergency number.",
    "Take the hopelessness seriously and stay with it; you may gently ask what they mean by it. "
    "Nothing calls for a crisis line.",
)
_AT_RISK = (
    "This comes before every rule below. Say first that you heard it, calmly and with care. Ask "
    "plainly about suicide or self-harm, in a question that can be answered yes. Point to help "
    "that is there now: 988 in the US or the local emergency number, and a person they trust. "
    "Stay in the conversation: no shock, moralising, bargaining or request for a promise."
)
_IN_DANGER = (
    " The danger is near: urge them to call 988 or the local emergency number right now, not to "
    "be alone, and to put distance between themselves and anything they could use, without "
    "naming it."
)
_HARMLESS = (
    "Nothing in it points to suicide or self-harm, and you add nothing that could be read so."
)
_DISCLOSURE = (
    "It discloses a risk ({risk}). Word that part freshly but keep its meaning exactly: as plain "
    "or as veiled, and taken back or not, as it stands; neither softer nor graver. Add nothing "
    "about a method, means, place, time or amount."
)


def affect(state: State) -> str:
    """The four axes in words.

    Args:
        state: The client's state; all zeros mean that nobody has read it yet.

    Returns:
        The feelings, strongest first.

    Example:
        >>> affect(State(affect=(-0.7, -0.15, 0.0, 0.35)))
        'strong sadness or emptiness, clear confidence, slight anger or irritation'
    """
    if not any(state.affect):
        return UNKNOWN
    found = []
    for value, (low, high) in zip(state.affect, _POLES, strict=True):
        degree = next((name for least, name in _DEGREES if abs(value) >= least), None)
        if degree:
            found.append((-abs(value), f"{degree} {low if value < 0 else high}"))
    return ", ".join(text for _, text in sorted(found)) or "even, nothing stands out"


def trend(state: State) -> str:
    """Which way the last turns went."""
    return _TRENDS[state.trend] if len(state.history) > 1 else "not known yet"


def target(axis: str) -> str:
    """An axis in deficit, in words.

    Example:
        >>> target("temper")
        'anger or irritation'
    """
    return _POLES[_AXES.index(axis)][0]


def person(user: Mapping[str, str]) -> str:
    """Who the client is, from u_t.

    Example:
        >>> person({"age": "34", "gender": "woman", "home": "lives alone"})
        '34 years old, woman, lives alone'
    """
    age = f"{user['age']} years old" if user.get("age") else ""
    known = (age, *(user.get(key, "") for key in ("gender", "occupation", "home")))
    return ", ".join(filter(None, known)) or "An adult"


def style(name: str) -> str:
    """A way of talking; one that a user made up stands for itself."""
    return _STYLES.get(name, name.replace("_", " "))


def risk(level: int) -> str:
    """A risk level, 0 to 4, with what it means."""
    return _RISKS[level]


def protocol(level: int) -> str:
    """What a reply at a risk level must hold; it mirrors `emp_plugins.safety.judge_reply`."""
    if level < AT_RISK:
        return _CALM[level]
    return _AT_RISK + (_IN_DANGER if level >= DANGER_IS_NEAR else "")


def disclosure(level: int) -> str:
    """What the client's message does with risk.

    Example:
        >>> disclosure(0).startswith("Nothing in it points to suicide")
        True
    """
    return _DISCLOSURE.format(risk=_RISKS[level]) if level else _HARMLESS


def length(words: int) -> str:
    """How long a reply should be.

    Example:
        >>> length(60), length(0)
        ('About 60 words', 'Three to five sentences')
    """
    return f"About {words} words" if words else "Three to five sentences"


def listed(items: Sequence[str]) -> str:
    """Short phrases in a row."""
    return "; ".join(items) or UNKNOWN
