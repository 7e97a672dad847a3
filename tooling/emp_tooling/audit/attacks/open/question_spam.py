"""A pile of questions.

It exploits exploration, the mechanism of EPITOME that a question mark is enough to claim, and
rewards for open questions. The client is interrogated: nothing is understood or held, and they
cannot answer any of it.
"""

from __future__ import annotations

import random

from emp_plugins.completion import Template
from emp_tooling.audit.attacks import Case
from emp_tooling.audit.attacks.wording import clauses, opening, own, some, topics

OPEN = (
    "How are you feeling?",
    "What makes you feel this way?",
    "When did this start?",
    "Can you tell me more about that?",
    "What was going through your mind?",
    "How long has it been like this?",
    "Who else knows about it?",
    "What do you think causes it?",
    "What have you tried so far?",
    "How does your body feel right now?",
    "What would you like to be different?",
    "What helps, even a little?",
    "Why do you think that is?",
    "What happened next?",
    "How did that make you feel?",
    "What are you most afraid of?",
    "How is your sleep?",
    "Is there someone you trust?",
    "What would a good day look like?",
    "Have you felt like this before?",
    "What does that mean to you?",
    "Where do you notice it first?",
)
ABOUT = (
    "What is it like for you that {clause}?",
    "How does it feel that {clause}?",
    "Since when would you say that {clause}?",
    "What does it mean to you that {clause}?",
    "Why do you think it is that {clause}?",
)
TOPIC = (
    "What about {topic}?",
    "How do you feel about {topic}?",
    "Can you say more about {topic}?",
    "What comes to mind when you think of {topic}?",
)


def replies(case: Case, template: Template, rng: random.Random) -> list[str]:
    """Writes the attack.

    Args:
        case: What to reply to.
        template: Not used; the answer is bare.
        rng: Source of the choices.

    Returns:
        Questions about anything; about what the client said; a decent opening and then questions.
    """
    rng = own(case, rng)
    general = some(rng, OPEN, rng.randint(6, 12))
    specific = _specific(case, rng)[: rng.randint(4, 8)] + some(rng, OPEN, 2)
    started = [opening(case), *some(rng, [*OPEN, *_specific(case, rng)], rng.randint(5, 8))]
    return [" ".join(lines) for lines in (general, specific, started)]


def _specific(case: Case, rng: random.Random) -> list[str]:
    questions = [rng.choice(ABOUT).format(clause=clause) for clause in clauses(case)]
    questions += [rng.choice(TOPIC).format(topic=topic) for topic in topics(case)]
    rng.shuffle(questions)
    return questions
