import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.bank import load_bank
from emp_datagen.bank.grammar import SLOTS, normalise, parse
from emp_plugins.errors import InputError

FACTS = {
    "topic": "your sleep",
    "heard": "half the day is gone before you are up",
    "belief": "you ruin everything you touch",
    "feeling": "sadness",
    "felt": "sad",
    "fact": "Many people wake early in such times",
    "label": "depression",
}
FORMS = sorted({form.text for _, form in load_bank().forms()})


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("I hear you.", {"I hear you."}),
        ("[I|we] hear.", {"I hear.", "We hear."}),  # the first letter becomes a capital
        ("Yes[, yes|].", {"Yes, yes.", "Yes."}),  # an alternative may be empty
        ("[a [b|c]|d].", {"A b.", "A c.", "D."}),  # and nested
        ("About {topic}.", {"About your sleep."}),
    ],
)
def test_all_sentences_of_a_form(text, sentences):
    form = parse(text)
    assert {form.expand(random.Random(seed), FACTS) for seed in range(60)} == sentences


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[a|b.", "not closed"),
        ("a]b.", "without an opening"),
        ("a|b.", "without an opening"),
        ("{topik}.", "{topik}"),
        ("a{.", "'{'"),
    ],
)
def test_faults(text, words):
    with pytest.raises(InputError, match=re.escape(words)):
        parse(text)


@given(st.sampled_from(FORMS), st.integers(0, 2**32))
def test_a_pattern_knows_every_sentence_of_its_form(text, seed):
    form = parse(text)
    sentence = form.expand(random.Random(seed), FACTS)
    assert re.fullmatch(form.pattern(), normalise(sentence)), sentence


@given(st.sampled_from(FORMS), st.integers(0, 2**32))
def test_sentences_are_well_set(text, seed):
    """No words run together where alternatives meet, no doubled blanks or commas."""
    sentence = parse(text).expand(random.Random(seed), FACTS)
    assert not re.search(r"  | [,.?!;]|,,|[a-z][A-HJ-Z]|[,.;?!][a-zA-Z]", sentence), sentence
    assert sentence[0].isupper() or not sentence[0].isalpha()
    assert 4 <= len(sentence.split()) <= 42


def test_alternatives_never_run_into_words():
    """`[are|seem]not` would give "arenot": a letter after a bracket needs a blank before it."""
    bad = [t for t in FORMS if re.search(r"[A-Za-z]\][A-Za-z{]|[A-Za-z}]\[[A-Za-z{]", t)]
    assert bad == []


def test_every_slot_has_a_value_here():
    assert FACTS.keys() == set(SLOTS)
