import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.duplicates import NearDuplicates, share, shingles

WORDS = [f"word{number}" for number in range(400)]


def jaccard(one, other):
    a, b = shingles(one), shingles(other)
    return len(a & b) / len(a | b)


def varied(rng, text, changes):
    words = text.split()
    for _ in range(changes):
        words[rng.randrange(len(words))] = rng.choice(WORDS)
    return " ".join(words)


def test_finds_what_is_alike_and_leaves_what_is_not():
    rng = random.Random(0)
    found = {True: [], False: []}
    for _ in range(800):
        text = " ".join(rng.choices(WORDS, k=45))
        other = varied(rng, text, rng.randint(0, 6))
        like = jaccard(text, other)
        if not 0.72 < like < 0.88:  # an estimate by 120 permutations is not sharper than that
            seen = NearDuplicates(capacity=8)
            seen.add(text)
            found[like > 0.8].append(seen.add(other))
    assert sum(found[True]) >= 0.99 * len(found[True]) > 100
    assert sum(found[False]) <= 0.01 * len(found[False])


@given(st.text(min_size=1), st.integers(1, 50))
def test_a_text_is_like_itself_whatever_came_between(text, others):
    seen = NearDuplicates(capacity=256)
    seen.add(text)
    for number in range(others):
        seen.add(f"alpha{number} beta{number * 3} gamma{number * 7} delta")
    assert seen.add(text) and seen.knows(text)


def test_memory_is_fixed():
    seen = NearDuplicates(capacity=64)
    size = seen._table.nbytes + seen._signatures.nbytes
    for number in range(1000):
        seen.add(f"alpha{number} beta{number * 3} gamma{number * 7} delta{number}")
    assert seen._table.nbytes + seen._signatures.nbytes == size
    assert not seen.knows("alpha0 beta0 gamma0 delta0")  # long forgotten
    assert seen.knows("alpha999 beta2997 gamma6993 delta999")


@pytest.mark.parametrize(
    ("texts", "expected"),
    [([], 0.0), (["a b c d"], 0.0), (["a b c d", "A b, c d!"], 0.5), (["", ""], 0.5)],
)
def test_share(texts, expected):
    assert share(texts) == expected
