"""Reasoning and answer of a reply that comes in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.completion import Template
from emp_tooling.inference.split import Splitter

PLAIN = Template()
THINK = Template(reasoning_tag="think", answer_tag=None, reasoning_prefilled=True, fields=())
GOOD = "<reasoning>\nGrief.\n</reasoning>\n<answer>\nI am so sorry.\n</answer>"

WHOLE = [
    (PLAIN, GOOD, "Grief.", "I am so sorry.", "as it should be"),
    (PLAIN, "I am so sorry.", "", "I am so sorry.", "no tags at all"),
    (PLAIN, "", "", "", "nothing"),
    (PLAIN, "<reasoning>Grief.", "Grief.", "", "cut off in the reasoning"),
    (PLAIN, "<reasoning>Grief.<answer>Sorry.", "Grief.", "Sorry.", "reasoning never closed"),
    (PLAIN, "<reasoning>Grief.</reasoning>Sorry.", "Grief.", "Sorry.", "answer never opened"),
    (PLAIN, "Hm. <answer>Sorry.</answer> Bye.", "", "Hm. Sorry. Bye.", "text around it"),
    (PLAIN, "<answer>A</answer><answer>B</answer>", "", "A\nB", "two answers are not glued"),
    (PLAIN, "<reasoning>A</reasoning><reasoning>B</reasoning>", "A\nB", "", "two reasonings"),
    (PLAIN, "a < b and <b>bold</b> <ans", "", "a < b and <b>bold</b> <ans", "other brackets"),
    (PLAIN, "<Answer>A</Answer>", "", "<Answer>A</Answer>", "tags are spelled exactly"),
    (THINK, "Grief.\n</think>\nSorry.", "Grief.", "Sorry.", "the template wrote the opening tag"),
    (THINK, "<think>Grief.</think>Sorry.", "Grief.", "Sorry.", "the model wrote it too"),
    (THINK, "Grief and more", "Grief and more", "", "reasoning without an end"),
]


def parts(template, pieces):
    splitter = Splitter(template)
    told = [piece for text in pieces for piece in splitter.feed(text)] + list(splitter.finish())
    for kind, whole in (("reasoning", splitter.reasoning), ("answer", splitter.answer)):
        assert "".join(piece.text for piece in told if piece.kind == kind) == whole
        assert whole == whole.strip()
    assert all(piece.text for piece in told)
    return splitter.reasoning, splitter.answer


@pytest.mark.parametrize(("template", "text", "reasoning", "answer", "why"), WHOLE)
def test_parts(template, text, reasoning, answer, why):
    assert parts(template, [text]) == (reasoning, answer)
    assert parts(template, text) == (reasoning, answer)  # character by character


SCRAPS = st.sampled_from(
    ["<reasoning>", "</reasoning>", "<answer>", "</answer>", "<think>", "</think>"]
    + ["<", "</", "<ans", ">", " ", "\n", "I hear you.", "x"]
)


@given(
    scraps=st.lists(SCRAPS, max_size=12),
    cuts=st.lists(st.integers(0, 80), max_size=12),
    template=st.sampled_from([PLAIN, THINK]),
)
def test_how_the_text_is_cut_makes_no_difference(scraps, cuts, template):
    text = "".join(scraps)
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [text[start:end] for start, end in zip(edges, edges[1:], strict=False)]
    assert parts(template, pieces) == parts(template, [text])


@given(
    reasoning=st.text(st.characters(exclude_characters="<>"), min_size=1).filter(str.strip),
    answer=st.text(st.characters(exclude_characters="<>"), min_size=1).filter(str.strip),
    template=st.sampled_from([PLAIN, THINK]),
)
def test_a_well_formed_reply_has_the_parts_that_the_template_finds(reasoning, answer, template):
    text = template.render(reasoning, answer)
    parsed = template.parse(text)
    assert parts(template, [text]) == (parsed.reasoning, parsed.answer)


def test_pieces_come_as_soon_as_they_can_be_told():
    splitter = Splitter(PLAIN)
    told = [
        [piece.text for piece in splitter.feed(text)]
        for text in ("<", "answer", ">", "I ", "am", " <", "3")
    ]
    # A tag that has only begun waits, and so does white space that may be the last.
    assert told == [[], [], [], ["I"], [" am"], [], [" <3"]]
