"""One spelling for the tables, and the way back to what was written."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import emp_plugins.safety
from emp_plugins.safety.text import normalise, plain, table

TABLES = Path(emp_plugins.safety.__file__).parent / "tables"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("I\u2019m  here", "i am here"),  # curly apostrophe, blanks
        ("i just dont wanna", "i do not want to"),  # filler, short forms
        ("sooo tired", "so tired"),  # drawn out
        ("wish i could sleeeeep", "wish i could sleep"),
        ("k1ll myslef", "kill myself"),  # masked, misspelt
        ("su*cide", "suicide"),
        ("'I said'", "'i said'"),  # quotes stay
        ("", ""),
    ],
)
def test_normalise(written, read):
    assert normalise(written).text == read


def test_plain_keeps_the_words():
    assert plain(" I\u2019m just HERE ") == "i'm just here"


@given(st.text(max_size=200), st.data())
def test_spans_lie_in_the_original(text, data):
    normal = normalise(text)
    start = data.draw(st.integers(0, len(normal.text)))
    end = data.draw(st.integers(start, len(normal.text)))
    first, last = normal.span(start, end)
    assert 0 <= first <= last <= len(text)


@pytest.mark.parametrize(
    "name",
    sorted(p.stem for p in TABLES.glob("*.yml")),
)
def test_tables_are_read_and_short(name):
    assert table(name)
    assert len((TABLES / f"{name}.yml").read_text().splitlines()) < 300
