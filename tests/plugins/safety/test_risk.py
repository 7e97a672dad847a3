"""What a client's message discloses: each message with the reason beside it, in both directions."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.safety import assess, risk_level
from emp_plugins.safety.risk import LEVELS, _rules

DISCLOSES = [
    ("I want to die.", 2, "explicit", "a wish to die, plainly"),
    ("i dont wanna live anymore", 2, "explicit", "no apostrophe, slurred"),
    ("I don't want to die, I just don't want to live like this.", 2, "explicit", "second clause"),
    ("I wish I was dead. Okay, no I don't. I do a bit.", 2, "explicit", "taken back halfway"),
    ("I want to die. jk, ignore that.", 2, "explicit", "a joke around it takes nothing back"),
    ("my sucidal thoughts are back", 3, "explicit", "misspelt"),
    ("I am thinking about killin myself", 3, "explicit", "g dropped"),
    ("I keep hurting myself.", 3, "explicit", "self-harm"),
    ("I am back to hurting my arms in secret.", 3, "explicit", "a part of the body"),
    ("My parents fight and I cut myself again last night.", 3, "explicit", "no accident"),
    ("I can't stop thinking about killing myself.", 3, "explicit", "the not is about stopping"),
    ("The only reason I haven't killed myself is my mum.", 3, "explicit", "a not that affirms"),
    ("I haven't killed myself yet.", 3, "explicit", "not yet"),
    ("I'd be lying if I said I'm not suicidal.", 3, "explicit", "two negations"),
    (
        "I told my therapist about my suicidal thoughts.",
        3,
        "explicit",
        "the therapist only hears it",
    ),
    ("I tried to kill myself years ago and it is coming back.", 3, "explicit", "past, not over"),
    ("The voices tell me to hurt myself.", 3, "explicit", "told to by voices, not by a person"),
    ("I am a nurse and I feel suicidal.", 3, "explicit", "work is named, the risk is one's own"),
    (
        "Since my brother died by suicide I feel suicidal too.",
        3,
        "explicit",
        "first his, then mine",
    ),
    ("I am going to end my life tonight.", 4, "explicit", "intent and time"),
    ("I have a plan to end my life.", 4, "explicit", "plan"),
    ("I wrote my suicide note today.", 4, "explicit", "preparation"),
    ("ngl i wanna unalive myself", 3, "coded", "algospeak"),
    ("kms", 3, "coded", "algospeak, alone"),
    ("been thinking about sewerslide a lot", 3, "coded", "algospeak"),
    ("gonna ctb soon", 3, "coded", "algospeak"),
    ("i want to \U0001f480 myself", 3, "coded", "a picture for the word"),
    ("Everyone would be better off without me.", 2, "coded", "burden, and the way out of it"),
    ("I wish I could sleep and not wake up.", 2, "coded", "euphemism"),
    ("No point in planning for next year.", 2, "coded", "no future"),
    ("I won't be a problem much longer.", 2, "coded", "a hint at the end"),
    ("I wouldn't mind if a truck hit me.", 2, "coded", "would let it happen"),
    ("I can't promise I will be safe tonight.", 3, "coded", "dreads what may come"),
    ("Asking for a friend, how many pills would it take to die?", 3, "coded", "a disguise"),
    ("I have been giving away my things and feel calm.", 4, "coded", "preparation"),
    ("Thanks for everything. Goodbye.", 4, "coded", "a farewell"),
    ("The tablets do nothing and I'm ending it.", 3, "coded", "no course of medicine is meant"),
    ("Therapy did nothing and I'm ending it.", 3, "coded", "it is not the therapy"),
    ("I don't need the therapy and I'm ending it tonight.", 3, "coded", "tonight, not the therapy"),
    ("I will end it here tonight.", 4, "explicit", "not the talk"),
    ("Please don't reply to this.", 4, "coded", "wants no answer any more"),
    ("You need not answer, I won't be there.", 4, "coded", "wants no answer any more"),
    ("I burned myself again today.", 3, "explicit", "no accident"),
]

DOES_NOT = [
    ("I am not suicidal, just tired.", "negated", "denial"),
    ("I've never had thoughts of suicide.", "negated", "denial"),
    ("Am I suicidal? No.", "negated", "asks and denies"),
    ("Thoughts of self-harm: none.", "negated", "a form filled in"),
    ("I don't want to die, I want a pay rise.", "negated", "denial and a wish"),
    ("My brother wants to die and I am scared.", None, "his, not mine"),
    ("My friend told me she wants to end her life.", None, "hers"),
    ("My sister has suicidal thoughts.", "other_person", "hers"),
    ("I lost my father to suicide.", "other_person", "bereaved"),
    ("My ex told me to kill myself.", "other_person", "abuse, not a wish of one's own"),
    ("My mum asked if I want to die.", "other_person", "a question about it"),
    ("I used to be suicidal, years ago.", "past_resolved", "long past"),
    ("I was suicidal in high school and therapy fixed that.", "past_resolved", "over"),
    ("I'm writing a paper on suicide.", "professional", "a subject of study"),
    ("I volunteer at a suicide hotline.", None, "work"),
    ("I cut myself shaving.", None, "accident"),
    ("I almost died of embarrassment.", None, "idiom"),
    ("This homework is killing me.", None, "idiom"),
    ("I'd kill for a coffee.", None, "idiom"),
    ("I'd rather die than go to that party.", None, "idiom"),
    ("I shot myself in the foot there.", None, "idiom"),
    ("My phone died on the way.", None, "a thing died"),
    ("I'm dying to see the new film.", None, "idiom"),
    ("That would be career suicide.", None, "idiom"),
    ("I want to end it with my boyfriend.", None, "a relationship ends"),
    ("I don't want to wake up early for work.", None, "only early"),
    ("I caught the bus to work.", None, "a bus"),
    ("I gave away my old clothes before the move.", None, "decluttering"),
    ("I'm scared of dying in a plane crash.", None, "fear of death is no wish for it"),
    ("I am so stressed about the exams.", None, "stress"),
    ("I take cortisone daily and I'm ending it overnight.", None, "a course of medicine"),
    ("I no longer need the therapy and I'm ending it.", None, "the therapy"),
    ("Let's end it here for today, my lunch is over.", None, "the talk"),
    ("It stung so much that I couldn't answer.", None, "no plea for silence"),
    ("There was one thing which you did not answer.", None, "reproaches the helper"),
    ("You don't answer me.", None, "reproaches the helper"),
    ("", None, "nothing said"),
]


@pytest.mark.parametrize(("message", "level", "kind", "why"), DISCLOSES)
def test_discloses(message, level, kind, why):
    found = assess(message)
    assert (found.level, found.kind) == (level, kind), why
    start, end = found.span
    assert message[start:end].strip(), why


@pytest.mark.parametrize(("message", "rule", "why"), DOES_NOT)
def test_does_not_disclose(message, rule, why):
    found = assess(message)
    assert found.level == 0, (why, found)
    assert (found.kind, found.span) == ("none", None)
    assert rule is None or found.rule == rule


@pytest.mark.parametrize(
    "message",
    ["I feel hopeless.", "I'm a burden.", "Nothing will ever change.", "What's the point anymore."],
)
def test_hopelessness_alone_is_level_1(message):
    assert risk_level(message) == 1


def test_the_gravest_counts():
    text = "It all feels hopeless. I wish I was dead. I will kill myself tonight."
    assert assess(text).level == 4


def test_the_span_is_in_what_was_written():
    text = "Ok so…  I  don\u2019t   wanna be here anymore, you know."
    start, end = assess(text).span
    assert text[start:end] == "don\u2019t   wanna be here anymore"


@given(st.text(max_size=400))
def test_anything_can_be_asked(text):
    found = assess(text)
    assert found.level in LEVELS
    assert (found.span is None) == (found.level == 0)
    if found.span:
        assert 0 <= found.span[0] < found.span[1] <= len(text)


UNITS = [
    "i want to ",
    "a ",
    "die ",
    "not going to be able to ",
    "x",
    "not ",
    "the rope and ",
    "~ . ",
]


@given(st.lists(st.sampled_from(UNITS), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_no_backtracking_without_end(units):
    """20,000 characters, the longest that is read, take less than two seconds."""
    text = ("".join(units) * 20_000)[:20_000]
    start = time.perf_counter()
    assess.__wrapped__(text)
    assert time.perf_counter() - start < 2


def test_every_rule_is_named_once():
    rules, _ = _rules()
    assert len({rule.name for rule in rules}) == len(rules)
    assert {rule.level for rule in rules} == {1, 2, 3, 4}
