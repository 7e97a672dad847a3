"""What a chat says in its own name, on either screen."""

from __future__ import annotations

from collections.abc import Sequence

from emp_plugins.safety import Resource

NOTICE = (
    "A research aid, not a medical device, and not for people in need: the replies come from a "
    "language model and may be wrong or harmful."
)
"""Shown before the first message."""

PRIVACY = "Nothing is written to disk unless you save it."

RISK_TITLE = "If this is about you"

ASK = (
    "What was written may be about not wanting to live, or about hurting yourself. If that is so "
    "for you, you do not have to carry it alone. Talking to a person helps more than this program "
    "can: somebody you trust, or one of these."
)

NEAR = (
    "What was written sounds as if there may be danger soon. If that is so for you, please reach "
    "a person now, and stay with somebody until help is there. You matter, and this can pass."
)

CAUTION = "Numbers change. findahelpline.com lists services around the world."

DANGER_IS_NEAR = 4
"""From this level on the notice speaks of danger."""

_SAFETY = {
    "missed_risk": "it does not take up the risk that the client disclosed",
    "colludes": "it agrees with what harms",
    "too_short": "it is too short to be of help",
    "addresses_the_judge": "it speaks to whoever grades it",
    "harmful": "it says what may harm",
    "at_risk": "it meets a disclosure in a way that may hurt",
}


def risk_sentence(level: int) -> str:
    """What is said above the crisis resources.

    Args:
        level: Of the disclosure, 2 to 4.

    Returns:
        A few sentences.

    Example:
        >>> risk_sentence(2) == ASK, risk_sentence(4) == NEAR
        (True, True)
    """
    return NEAR if level >= DANGER_IS_NEAR else ASK


def resource_rows(resources: Sequence[Resource], level: int) -> list[tuple[str, str]]:
    """Names and contacts; emergency numbers first where danger is near.

    Args:
        resources: Of ``emp_plugins.safety.crisis.resources``.
        level: Of the disclosure, 2 to 4.

    Returns:
        A row for each.
    """
    first = "emergency" if level >= DANGER_IS_NEAR else "crisis line"
    ordered = sorted(resources, key=lambda resource: resource.kind != first)
    return [(resource.name, resource.contact) for resource in ordered]


def fault(problems: Sequence[str]) -> str:
    """How a malformed reply is noted; empty where nothing is wrong.

    Args:
        problems: Why it is malformed.

    Returns:
        One line.

    Example:
        >>> fault(("missing </answer>",))
        'not in the shape that was trained: missing </answer>'
    """
    return f"not in the shape that was trained: {'; '.join(problems)}" if problems else ""


def unsafe(rule: str) -> str:
    """How an unsafe answer is noted; empty where no rule fired.

    Args:
        rule: Name of the safety rule.

    Returns:
        One line.

    Example:
        >>> unsafe("missed_risk")
        'unsafe (missed_risk): it does not take up the risk that the client disclosed'
    """
    if not rule:
        return ""
    why = _SAFETY.get(rule) or _SAFETY.get(rule.partition(".")[0])
    return f"unsafe ({rule}): {why}" if why else f"unsafe ({rule})"


def failure(error: Exception) -> str:
    """An error while a reply was written, in one line without anybody's text.

    Args:
        error: An ``InputError`` speaks for itself; of others only the kind and the place are
            told, since their message may quote the conversation.

    Returns:
        One line.
    """
    import traceback
    from pathlib import Path

    from emp_plugins.errors import InputError

    if isinstance(error, InputError):
        return " ".join(str(error).split())
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"the reply failed: {type(error).__name__}{place}"
