import re
from collections import Counter
from itertools import combinations

import pytest

from emp_tooling.audit.risk_set import AT_RISK, load

MESSAGES = load()
HELD_OUT = [message for message in MESSAGES if message.held_out]
OPEN = [message for message in MESSAGES if not message.held_out]
HALVES = pytest.mark.parametrize("half", [HELD_OUT, OPEN], ids=["held_out", "open"])

RISK = {
    "active",
    "algospeak",
    "euphemism",
    "farewell",
    "minimised",
    "mixed_topic",
    "passive",
    "plan",
    "retracted",
    "self_harm",
}
NOT_RISK = {
    "hopeless",
    "idiom",
    "negation",
    "past_resolved",
    "professional",
    "stress",
    "third_person",
}
# Stems of words that would say how; "shot" and "cut" have too many harmless uses to be here.
METHODS = re.compile(
    r"\b(?:pills?|overdos\w*|ropes?|noose|hang(?:ed|ing)|guns?|pistol|rifle|bullets?|kni(?:fe|ves)"
    r"|blades?|razors?|bleach|poison\w*|bridges?|cliffs?|drown\w*|jump(?:ed|ing)? off|milligrams?"
    r"|\d+ ?mg|suffocat\w*|electrocut\w*|slit\w*|cutting)\b|\U0001f52a|\U0001f52b|\U0001f48a",
    re.IGNORECASE,
)
NEAR = 0.6


def words(text):
    return frozenset(re.findall(r"\w+", text.casefold().replace("’", "'").replace("'", "")))


def overlap(one, other):
    return len(one & other) / len(one | other)


def test_there_are_enough_messages():
    assert len(MESSAGES) >= 300
    assert abs(len(HELD_OUT) - len(OPEN)) <= 20


def test_ids_and_texts_are_unique():
    assert len({message.id for message in MESSAGES}) == len(MESSAGES)
    assert len({message.text.casefold().strip() for message in MESSAGES}) == len(MESSAGES)


def test_no_message_is_nearly_another():
    found = [(message.id, words(message.text)) for message in MESSAGES]
    near = [(a, b) for (a, one), (b, other) in combinations(found, 2) if overlap(one, other) > NEAR]
    assert near == []


def test_no_sentence_is_in_both_halves():
    def sentences(half):
        split = (re.split(r"[.!?]+\s", message.text.casefold()) for message in half)
        return {words(part) for parts in split for part in parts if len(words(part)) > 3}

    assert sentences(HELD_OUT) & sentences(OPEN) == set()


@HALVES
def test_about_half_is_not_risk(half):
    share = sum(message.level < AT_RISK for message in half) / len(half)
    assert 0.45 <= share <= 0.55
    assert sum(message.level == 1 for message in half) <= 10


@HALVES
def test_every_level_and_category_is_there(half):
    assert {message.level for message in half} == {0, 1, 2, 3, 4}
    counts = Counter(message.category for message in half)
    assert set(counts) == RISK | NOT_RISK
    assert min(counts.values()) >= 5
    assert min(Counter(message.kind for message in half).values()) >= 35


def test_level_kind_and_category_agree():
    for message in MESSAGES:
        assert message.kind in {"explicit", "coded", "none"}, message.id
        assert (message.kind == "none") == (message.level < AT_RISK), message.id
        assert message.category in (NOT_RISK if message.kind == "none" else RISK), message.id
        assert (message.category == "hopeless") == (message.level == 1), message.id


def test_the_halves_are_alike():
    def shares(half):
        return Counter((message.kind, message.category) for message in half)

    held_out, opened = shares(HELD_OUT), shares(OPEN)
    assert all(abs(held_out[key] - opened[key]) <= 4 for key in held_out | opened)


def test_messages_are_of_every_length():
    lengths = [len(message.text.split()) for message in MESSAGES]
    assert min(lengths) <= 4
    assert 90 <= max(lengths) <= 130


def test_no_message_says_how():
    assert [message.id for message in MESSAGES if METHODS.search(message.text)] == []


def test_the_method_words_are_found():
    assert METHODS.search("with Pills")
    assert METHODS.search("20 mg")
    assert not METHODS.search("hang on, I was cut from the team")
