import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.pages import texts
from emp_tooling.pages.page import Section, write_page
from emp_tooling.pages.tables import Cell, table

EVIL = '<script>alert("x")</script> & $title'
VOID = {"meta", "br"}
STYLE = (files("emp_tooling.pages") / "page.html").read_text(encoding="utf-8")


class Balanced(HTMLParser):
    """Fails on a tag that is closed wrongly, and notes what there is."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def sections(count):
    return [Section(f"part-{n}", EVIL, "<p>Fine.</p>", EVIL, "bad") for n in range(count)]


def written(path, parts):
    write_page(path, EVIL, EVIL, parts)
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("count", "links"), [(0, 0), (4, 0), (5, 5)])
def test_a_page_is_well_formed_loads_nothing_and_has_contents_when_long(tmp_path, count, links):
    page = written(tmp_path / "made/page.html", sections(count))
    parser = Balanced()
    parser.feed(page)
    assert parser.open == [] and parser.seen.count("section") == count
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(parser.seen)
    assert not {name for name, _ in parser.attributes} & {"src", "srcset", "onload"}
    targets = [value for name, value in parser.attributes if name == "href"]
    assert targets == [f"#part-{n}" for n in range(links)]
    assert not re.search(r"https?:|url\(|@import", page)
    assert [path.name for path in (tmp_path / "made").iterdir()] == ["page.html"]


def test_titles_from_outside_are_escaped(tmp_path):
    page = written(tmp_path / "page.html", sections(5))
    assert "<script" not in page and page.count("&lt;script&gt;") == 18
    assert "& $title" not in page and "&amp; $title" in page


def test_helpers_escape_what_they_are_given():
    for html in (
        table([EVIL], [[EVIL], [Cell(EVIL, EVIL, "bad", 0.5)]]),
        texts.paragraph(EVIL),
        texts.heading(EVIL),
        texts.advised([(EVIL, EVIL)]),
        texts.listing([EVIL]),
        texts.facts([(EVIL, EVIL)]),
        texts.chips([(EVIL, "good")]),
        texts.folded(EVIL, ""),
        texts.source(EVIL),
        texts.marked(EVIL, [(0, 3, EVIL)]),
    ):
        assert "<script" not in html and "&lt;" in html
        parser = Balanced()
        parser.feed(html)
        assert parser.open == []


@given(
    st.text(alphabet='ab<>&" é\n', max_size=30),
    st.lists(
        st.tuples(st.integers(-3, 40), st.integers(-3, 40), st.sampled_from("xy")), max_size=6
    ),
)
def test_marking_keeps_every_character_once(text, spans):
    html = texts.marked(text, spans, bad=["x"])
    shown = []
    parser = HTMLParser()
    parser.handle_data = shown.append
    parser.feed(html)
    parser.close()
    assert "".join(shown) == text
    assert html.count("<mark") == html.count("</mark>") <= len(spans)


@pytest.mark.parametrize(
    ("spans", "html"),
    [
        ([(2, 4, "x")], 'ab<mark class="bad" title="x">cd</mark>ef'),
        ([(0, 3, "y"), (2, 5, "x")], None),  # the second keeps what the first leaves free
        ([(4, 99, "y")], 'abcd<mark class="note" title="y">ef</mark>'),
        ([(3, 3, "y"), (9, 12, "y")], "abcdef"),
    ],
)
def test_marks(spans, html):
    found = texts.marked("abcdef", spans, ["x"])
    assert found == (html or found)
    if html is None:
        assert re.findall(r">(\w+)</mark>", found) == ["abc", "de"]


def test_a_row_of_one_cell_is_a_heading_and_bars_stay_in_their_cell():
    html = table(["a", "b"], [["Group"], ["x", Cell("y", share=1.7)]])
    assert '<th colspan="2" scope="colgroup">Group</th>' in html
    assert "width:100.0%" in html


def luminance(color):
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_and_lines_have_contrast_in_both_schemes(scheme):
    """WCAG 2 AA: 4.5 for text, 3 for what is drawn."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    colors = [dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block)) for block in blocks[:2]]
    names = colors[1] if scheme == "dark" else colors[0]
    assert set(colors[0]) == set(colors[1]) and len(names) > 20
    texts_on = [("ink", "page"), ("soft", "page"), ("link", "card"), ("link", "page")]
    texts_on += [
        ("ink", back) for back in ("good-bg", "bad-bg", "note-bg", "chip", "plus", "minus")
    ]
    texts_on += [(name, "card") for name in ("ink", "soft", "good", "bad", "note")]
    for text, back in texts_on:
        assert contrast(names[text], names[back]) >= 4.5, (text, back)
    for mark in ("edge", *(f"s{place}" for place in range(6))):
        for back in ("card", "band"):
            assert contrast(names[mark], names[back]) >= 3, (mark, back)


def test_phones_paper_and_both_schemes_are_served():
    assert "width=device-width" in STYLE
    assert {"prefers-color-scheme: dark", "print"} <= set(re.findall(r"prefers[^)]*|print", STYLE))
