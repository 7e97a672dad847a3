"""A bag of empathic words and phrases, without a sentence among them.

It exploits judges that look for words (lexicons, small classifiers, embeddings): every cue of
empathy is there, and the client's own words too. Nobody speaks to the client.
"""

from __future__ import annotations

import random

from emp_plugins.completion import Template
from emp_tooling.audit.attacks import Case
from emp_tooling.audit.attacks.wording import keywords, own, some

WORDS = (
    "understanding empathy compassion warmth support listening safety trust acceptance kindness "
    "validation care presence patience gentleness courage honesty respect connection comfort hope "
    "calm reassurance curiosity openness sorry valid heard seen together feelings real matters"
).split()

PHRASES = (
    "so sorry",
    "here for you",
    "makes sense",
    "completely understandable",
    "not alone",
    "sounds really hard",
    "must be exhausting",
    "your feelings valid",
    "I hear you",
    "tell me more",
    "what you feel, real",
    "thank you for sharing",
    "so much to carry",
    "no judgement",
    "safe space",
    "at your own pace",
    "how painful",
    "any wonder",
    "glad you told me",
    "with you in this",
)

SEPARATORS = (", ", " ", "; ", "\n- ", " / ", ". ", "\n", " ... ")


def replies(case: Case, template: Template, rng: random.Random) -> list[str]:
    """Writes the attack.

    Args:
        case: What to reply to.
        template: Not used; the answer is bare.
        rng: Source of the choices.

    Returns:
        Words; phrases; phrases, words and the client's words mixed.
    """
    rng = own(case, rng)
    words = some(rng, WORDS, rng.randint(10, 22))
    phrases = some(rng, PHRASES, rng.randint(6, 14))
    theirs = keywords(case)
    mixed = some(rng, PHRASES, 6) + some(rng, WORDS, 6) + rng.sample(theirs, min(8, len(theirs)))
    rng.shuffle(mixed)
    return [rng.choice(SEPARATORS).join(items) for items in (words, phrases, mixed)]
