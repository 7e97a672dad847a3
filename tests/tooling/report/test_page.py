import re
from html.parser import HTMLParser

import pytest

from emp_tooling.evaluate.measure import Label
from emp_tooling.report.history import Curve
from emp_tooling.report.page import write_report
from emp_tooling.report.samples import Reply, Sample

BEFORE = {
    "n": 200,
    "well_formed": 0.6,
    "clinical_error": 0.45,
    "good": 0.41,
    "known": 0.9,
    "distinct": 0.8,
    "errors": {"direct_advice": 0.2},
    "reward_total": -0.5,
    "rewards": {"empathy": 0.5, "mine": None},
    "intervals": {"well_formed": [0.53, 0.67], "rewards/empathy": [0.45, 0.55]},
}
AFTER = {
    **BEFORE,
    "well_formed": 0.98,
    "clinical_error": 0.05,
    "errors": {},
    "reward_total": 2.5,
    "rewards": {"empathy": 0.46, "mine": 0.1},
}
EVIL = '<script>alert("x")</script> & $title'
GOOD = Label("Hi.", True, (), True, (), True)
BAD = Label("You should.", False, ("missing <answer>",), False, ("direct_advice",), True)
UNKNOWN = Label("", False, ("empty",), False, (), False)
VOID = {"meta", "line", "circle", "polyline", "br"}


class Balanced(HTMLParser):
    """Fails on a tag that is closed wrongly, and notes what there is."""

    def __init__(self):
        super().__init__()
        self.open, self.seen, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def write(path, **options):
    sample = Sample(
        client=f"[STATE: MDD] {EVIL}",
        facts=("MDD", "risk 2", EVIL),
        before=Reply(f"You should. {EVIL}", BAD),
        after=Reply("<reasoning>\nx\n</reasoning>\n<answer>\nHi.\n</answer>", GOOD),
    )
    empty = Sample("…", (), Reply("", UNKNOWN), Reply("Hi.", GOOD))
    fields = {
        "curves": [
            Curve("Total reward", ((1, -0.5), (2, 0.1), (3, 1.5))),
            Curve(EVIL, ((1, 0.5), (2, 0.5))),
        ],
        "samples": [sample, empty],
        "seconds": {"grpo": 64.2, EVIL: 1.0},
        "subtitle": EVIL,
    }
    write_report(path, BEFORE, AFTER, **{**fields, **options})
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return write(tmp_path_factory.mktemp("report") / "report.html")


def test_the_page_is_well_formed_html(page):
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert parser.seen.count("article") == 2 and parser.seen.count("figure") == 2


def test_texts_from_outside_are_escaped(page):
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 6
    assert "& $title" not in page and "&amp; $title" in page


def test_the_page_loads_nothing(page):
    parser = Balanced()
    parser.feed(page)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(parser.seen)
    assert not {name for name, _ in parser.attributes} & {"src", "href", "srcset", "onload"}
    assert not re.search(r"https?:|url\(|@import", page)


def test_numbers_intervals_and_the_note_are_there(page):
    text = re.sub(r"<[^>]+>", "|", page)
    for words in (
        "98%",
        "60% before",
        "53.0% to 67.0%",
        "+38.0 points",
        "Rewards",
        "no value",  # a reward that never applied
        "not a medical device",
        "direct advice",
        "200 held-out situations",
        "64 s",
    ):
        assert words in text, words


def test_better_and_worse_are_said_in_words_too(page):
    row = re.search(r"<tr><td>Replies with a clinical error.*?</tr>", page)[0]
    assert '<span class="better">-40.0 points</span><small>better</small>' in row
    row = re.search(r"<tr><td>Empathy</td>.*?</tr>", page)[0]
    assert '<span class="worse">-0.04</span>' in row


def test_replies_carry_their_labels(page):
    first, second = re.findall(r"<article.*?</article>", page, re.DOTALL)
    assert "malformed" in first and "missing &lt;answer&gt;" in first
    assert '<span class="tag">&lt;reasoning&gt;</span>' in first
    assert first.index("malformed") < first.index("good reply")
    assert "(empty)" in second and "no reply from the phrase bank" in second


def test_both_colour_schemes_and_phones_are_served(page):
    assert "prefers-color-scheme: dark" in page and "width=device-width" in page


def test_a_run_without_a_log_says_so(tmp_path):
    page = write(tmp_path / "r.html", curves=(), samples=(), seconds=None)
    assert "The training left no log." in page and "How long it took" not in page
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
