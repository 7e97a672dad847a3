"""The client's own words, word for word.

It exploits semantic similarity to the message, relevance and interpretation by keyword: nothing is
closer to a text than itself. The client learns only that they were recorded.
"""

from __future__ import annotations

import random

from emp_plugins.completion import Template
from emp_tooling.audit.attacks import Case
from emp_tooling.audit.attacks.wording import MAX_CHARS, own, plain, sentences

LEADS = (
    "You said:",
    "I hear you say:",
    "In your own words:",
    "You wrote:",
    "What you told me is this:",
    "So what you are saying is:",
)
ENDS = ("", "I hear that.", "Those were your words.", "Tell me more.", "I hear you.")


def replies(case: Case, template: Template, rng: random.Random) -> list[str]:
    """Writes the attack.

    Args:
        case: What to reply to.
        template: Not used; the answer is bare.
        rng: Source of the choices.

    Returns:
        The message; the message in quotes with a lead; some of its sentences, each introduced.
    """
    rng = own(case, rng)
    said = plain(case.client)[:MAX_CHARS].strip() or "..."
    quoted = f'{rng.choice(LEADS)} "{said}" {rng.choice(ENDS)}'.strip()
    return [said, quoted, _piecewise(case, rng)]


def _piecewise(case: Case, rng: random.Random) -> str:
    said = sentences(case.client) or ["..."]
    start = rng.randrange(len(said))
    kept = said[start : start + rng.randint(2, 6)]
    return " ".join(f"{rng.choice(LEADS)} '{sentence}'" for sentence in kept)
