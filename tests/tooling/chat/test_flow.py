import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from emp_tooling.chat.terminal.flow import INDENT, Flow
from emp_tooling.chat.terminal.views import bar, spark


def written(pieces, width=40):
    out = io.StringIO()
    flow = Flow(Console(file=out, width=width))
    for piece in pieces:
        flow.write(piece)
    flow.end()
    return out.getvalue()


@given(st.text("ab \n", max_size=90), st.lists(st.integers(0, 90), max_size=5))
def test_the_cut_makes_no_difference(text, places):
    cuts = sorted({0, *(min(place, len(text)) for place in places), len(text)})
    pieces = [text[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
    assert written(pieces) == written([text])


@given(st.lists(st.text("abc", min_size=1, max_size=20), min_size=1))
def test_words_stay_whole_and_lines_fit(words):
    shown = written([" ".join(words)])
    assert shown.split() == words
    assert all(len(line) <= 40 and line.startswith(INDENT) for line in shown.splitlines())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one\n\ntwo", ["  one", "", "  two"]),  # paragraphs stay
        ("\u4f60" * 15 + " " + "\u4f60" * 5, ["  " + "\u4f60" * 15, "  " + "\u4f60" * 5]),  # wide
    ],
)
def test_lines(text, lines):
    assert [line.rstrip() for line in written([text]).splitlines()] == lines


@given(st.floats(-3, 3))
def test_a_bar_has_one_width(value):
    assert len(bar(value)) == 25 and bar(value)[12] == "│"


@given(st.lists(st.floats(-3, 3)))
def test_a_spark_for_every_number(values):
    assert len(spark(values)) == len(values)
