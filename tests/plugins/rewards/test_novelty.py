"""Own words, once: against parrots, loops and answers that recite their reasoning."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.completion import Template
from emp_plugins.rewards import make

CLIENT = (
    "My landlord raised the rent again and I had to sell my bike to pay it. I am so tired of "
    "pretending to the kids that we are fine."
)
GOOD = "Having to act fine in front of them on top of it all must wear you out. I'm so sorry."


def value(reply, client=CLIENT, **params):
    return make("novelty", answer="whole", **params)([client], [reply])[0]


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        "You sold your bike? That hurts. How long can you keep the flat like this?",  # one echo
        "That sounds exhausting. When you say fine, what do the kids see, do you think?",
        "i'm sorry, that is awful. i'm sorry it fell on you.",  # two apologies
        "Same here. Rent took my car last year. You are not alone in this.",
        "It makes sense that you are tired. Who holds you while you hold the kids?",
        "hugs",
    ],
)
def test_own_words_get_full_marks(reply):
    assert value(reply) >= 0.9


@pytest.mark.parametrize(
    "reply",
    [
        CLIENT,  # word by word
        f'You said: "{CLIENT}" I hear you.',  # quoted
        "Your landlord raised the rent again and you had to sell your bike to pay it.",  # pronouns
        "You are so tired of pretending to the kids that you are fine. Your landlord raised the "
        "rent again, and you had to sell your bike to pay it.",  # reordered
        "It sounds like your landlord has raised the rent once again, so that you had to sell the "
        "bike in order to pay. You are exhausted from faking to your children that you are okay.",
        "What you are telling me is that you had to sell your bike because the landlord raised "
        "the rent again, and that you are weary of acting fine with the kids.",
    ],
)
def test_parroting(reply):
    assert value(reply) <= -0.4


@pytest.mark.parametrize(
    "reply",
    [
        "You matter. " * 6,  # one sentence, again and again
        "I'm sorry. So sorry for this. Sorry about the rent. My apologies, truly. Forgive it all.",
        "Your anger is valid. Your fear is valid too. It is valid to be tired. All of it is valid "
        "and it makes sense. Every feeling is valid.",
        "I am here for you today. I am here for you tomorrow. I am here for the kids. I am here "
        "for all of it.",
        "That is hard and I am with you, that is hard and I am with you, that is hard and I am "
        "with you",  # without a full stop
    ],
)
def test_loops(reply):
    assert value(reply) <= -0.4


FORM = Template()
LINES = ["money and pretending", "tired and ashamed of it all", "4", "stay close, no advice yet"]


@pytest.mark.parametrize(
    ("answer", "low", "high"),
    [
        (GOOD, 1.0, 1.0),
        ("Tired and ashamed of it all, money and pretending. Stay close, no advice yet.", -1, -0.4),
        ("User's main concern: the rent. Emotional content: shame.", -1, -1),  # labels
        ("The user is ashamed, so I will stay close and give no advice.", -0.5, -0.5),
    ],
)
def test_reciting_the_reasoning(answer, low, high):
    (found,) = make("novelty")([CLIENT], [FORM.render(LINES, answer)])
    assert low <= found <= high


def test_a_draft_in_free_reasoning_can_be_allowed():
    form = FORM.render(["I could say this:", GOOD, "3", "warm"], GOOD)
    strict, lenient = make("novelty"), make("novelty", copied_reasoning=1.0)
    assert strict([CLIENT], [form])[0] < 0 < lenient([CLIENT], [form])[0]


def test_the_group_counts_only_where_asked():
    prompts, replies = [CLIENT] * 3 + ["I won a prize."], [GOOD, GOOD, "hugs to you all", GOOD]
    assert make("novelty", answer="whole")(prompts, replies) == [1.0] * 4
    values = make("novelty", answer="whole", group=1.5)(prompts, replies)
    assert values == [-0.5, -0.5, 1.0, 1.0]  # the same reply to another prompt is no repeat


def test_the_note_names_what_was_repeated():
    scores = make("novelty", answer="whole").explain(
        [CLIENT] * 3, [GOOD, CLIENT, "Oh dear me. " * 9]
    )
    assert list(scores.notes["copies"]) == ["", "client", "itself"]


@given(client=st.text(max_size=200), reply=st.text(max_size=200))
def test_any_text_gets_a_number_between_the_bounds(client, reply):
    assert -1.0 <= value(reply, client) <= 1.0


def test_it_pickles_with_its_parameters():
    reward = make("novelty", answer="whole", copied=0.2)
    assert pickle.loads(pickle.dumps(reward))([CLIENT], [CLIENT]) == [-1.0]


def test_huge_texts_end():
    assert -1.0 <= value("word " * 3000 + "end. " * 800, CLIENT * 100) <= 1.0
