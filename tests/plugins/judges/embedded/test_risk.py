"""The embedded risk judge, the messages it learns from, and how it is trained."""

import json
import re
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins import judges
from emp_plugins.errors import InputError
from emp_plugins.judges.embedded import fit_risk, risk_corpus, weights
from emp_plugins.judges.embedded.risk import LABEL, SHIPPED, USUAL, LinearRisk, drawn
from emp_plugins.judges.embedded.risk_corpus import AT_RISK, KINDS

MESSAGES = risk_corpus.load()
TEXTS = st.lists(st.text(max_size=30) | st.sampled_from(["I want to die", "nice day", ""]))
# Stems of words that would say how; "cut", "jump", "knife" and "bridge" have harmless uses here.
METHODS = re.compile(
    r"\b(?:pills?|overdos\w*|ropes?|noose|hang(?:ed|ing)? (?:my|him|her)self|guns?|pistol|rifle"
    r"|bullets?|shoot myself|blades?|razors?|bleach|jump(?:ed|ing)? off|milligrams?|\d+ ?mg"
    r"|suffocat\w*|electrocut\w*|slit\w*|monoxide)\b|\U0001f52a|\U0001f52b|\U0001f48a",
    re.IGNORECASE,
)
LACKS = {"h": {"coded"}, "i": {"explicit", "none"}}  # one writes in formal words, one in slang


@pytest.fixture(scope="module")
def judge():
    return judges.load("risk")


# The judge


def test_the_shipped_judge_has_one_label_and_one_copy(judge):
    assert weights.read(SHIPPED).labels == (LABEL,)
    assert judge is judges.load("risk")
    assert judge.range == (0.0, 1.0)


@pytest.mark.parametrize(
    ("higher", "lower"),
    [
        ("i wont be around for christmas", "i wont be at the office for christmas"),  # coded
        ("I want to kill myself.", "My mum will kill me when she sees this."),  # an idiom
        ("I do not want to be here anymore.", "I can't do this job anymore."),  # a job
        ("They would be better off without me.", "They won the cup on Saturday."),  # a burden
    ],
)
def test_plain_cases(judge, higher, lower):
    risky, plain = judge.score([higher, lower])
    assert risky > 0.5 > plain


def test_what_the_card_admits(judge):
    """A false alarm: one word from a disclosure. Should it go, the card is to say so."""
    assert judge.score(["I do not want to work here anymore."])[0] > 0.95


@given(st.floats(-20, 20), st.integers(0, 200), st.integers(0, 200))
def test_fewer_words_are_drawn_nearer_to_even(logit, one, other):
    few, many = (" ".join(["word"] * words) for words in sorted((one, other)))
    nearer, farther = np.abs(drawn(np.array([logit, logit]), [few, many]))
    assert nearer <= farther
    assert drawn(np.array([logit]), [" ".join(["word"] * USUAL)])[0] == pytest.approx(logit)


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_a_score_depends_on_its_own_text_alone(texts):
    judge = judges.load("risk")
    together = judge.score(texts)
    assert together.shape == (len(texts),)
    assert ((together > 0) & (together < 1)).all()
    assert (judge.score(texts[::-1]) == together[::-1]).all()


def test_remembered_and_fresh_scores_are_the_same(judge):
    texts = [message.text for message in MESSAGES[:40]]
    fresh = LinearRisk(weights.read(SHIPPED))
    together = fresh.score(texts)
    assert (fresh.score(texts) == together).all()
    alone = LinearRisk(weights.read(SHIPPED))
    assert [alone.score([text])[0] for text in texts] == together.tolist()
    assert (judge.score(texts) == together).all()


@pytest.mark.parametrize("texts", [[None], ["a", 3], [b"a"], "a string", [["a"]]])
def test_only_lists_of_strings(judge, texts):
    with pytest.raises(TypeError, match="a judge scores"):
        judge.score(texts)


# The messages


def test_kinds_and_levels_agree():
    assert {message.kind for message in MESSAGES} == set(KINDS)
    for message in MESSAGES:
        assert (message.kind == "none") == (message.level < AT_RISK), message


def test_no_text_stands_twice():
    where = defaultdict(list)
    for message in MESSAGES:
        where[" ".join(message.text.casefold().split())].append(message.writer)
    assert {text: writers for text, writers in where.items() if len(writers) > 1} == {}


def test_no_message_says_how():
    assert [message.text for message in MESSAGES if METHODS.search(message.text)] == []


def test_every_writer_has_every_kind():
    kinds = defaultdict(set)
    for message in MESSAGES:
        kinds[message.writer].add(message.kind)
    assert len(kinds) == 13
    lacks = {writer: set(KINDS) - found for writer, found in kinds.items() if found != set(KINDS)}
    assert lacks == LACKS


def row(**changes):
    return json.dumps({"text": "a", "level": 0, "kind": "none", **changes})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "no JSON"),
        ("text", "no JSON"),
        ("{}", "text: expected a text"),
        (row(text=""), "text: expected a text"),
        (row(text=" \t"), "text: expected a text"),
        (row(text=3), "text: expected a text"),
        (row(level=5, kind="coded"), "level is 0 to 4"),
        (row(level=-1), "level is 0 to 4"),
        (row(level="3", kind="coded"), "level is 0 to 4"),  # a number in quotes
        (row(level=None), "level is 0 to 4"),
        (row(level=2.5, kind="coded"), "level is 0 to 4"),
        (row(level=3), "kind is none below 2"),  # at risk, but of no kind
        (row(level=1, kind="coded"), "kind is none below 2"),  # of a kind, but not at risk
        (row(level=3, kind="Explicit"), "explicit or coded"),
        (row(kind=None), "kind is none"),
    ],
)
def test_a_bad_row_is_named_by_file_and_line(tmp_path, line, message):
    (tmp_path / "a.jsonl").write_text(f"{row()}\n\n{line}\n{row()}\n")
    with pytest.raises(InputError) as found:
        risk_corpus.load(tmp_path)
    said = str(found.value)
    assert said.startswith(f"{tmp_path / 'a.jsonl'}:3: ") and message in said
    assert "\n" not in said


@pytest.mark.parametrize(
    "line",
    [
        b"[1]",  # JSON, but no object
        b'"text"',
        b"null",
        b'{"text": "a", "level": true, "kind": "none"}',  # True is in range(5)
        b'{"text": "\xff", "level": 0, "kind": "none"}',  # not UTF-8
    ],
)
def test_an_odd_row_is_named_by_file_and_line(tmp_path, line):
    (tmp_path / "a.jsonl").write_bytes(line + b"\n")
    with pytest.raises(InputError, match=r"a\.jsonl:1: "):
        risk_corpus.load(tmp_path)


@pytest.mark.parametrize("folder", ["", "none"])
def test_no_file_at_all(tmp_path, folder):
    (tmp_path / "a.json").write_text(row())
    with pytest.raises(InputError, match=r"no \*\.jsonl with messages"):
        risk_corpus.load(tmp_path / folder)


def test_split():
    found = risk_corpus.split(MESSAGES[:50])
    assert found.texts == [message.text for message in MESSAGES[:50]]
    assert found.present.shape == (50, 1) and found.present.dtype == bool
    assert found.present[:, 0].tolist() == [message.level >= AT_RISK for message in MESSAGES[:50]]
    assert risk_corpus.split([]).present.shape == (0, 1)


# The training

RISKY = ["i want it all to end", "no reason to wake up", "life is over for me", "let me end it"]
PLAIN = ["i want a cup of tea", "no bus on monday", "the match is over", "let me try the cake"]
DAYS = ["today", "tonight", "again", "since june", "and so on"]


def writers(*names):
    return [
        risk_corpus.Message(f"{text} {day}", level, kind, name)
        for name in names
        for texts, level, kind in ((RISKY, 3, "explicit"), (PLAIN, 0, "none"))
        for text in texts
        for day in DAYS
    ]


@pytest.fixture(scope="module")
def trained():
    pytest.importorskip("sklearn")
    messages = writers("a", "b")
    logits = fit_risk.left_out(messages)
    return messages, logits, fit_risk.train(messages, logits)


def test_two_writers_are_told_apart(trained):
    messages, logits, made = trained
    present = risk_corpus.split(messages).present
    assert logits.shape == (len(messages),)
    assert ((logits > 0) == present[:, 0]).all()
    assert made.labels == (LABEL,)
    scores = LinearRisk(made).score(["please let it end, no reason to wake", "a cup of tea"])
    assert scores[0] > 0.5 > scores[1]
    scaled = fit_risk.probabilities(logits, messages)
    assert scaled.shape == logits.shape and ((scaled > 0.5) == present[:, 0]).all()


def test_a_writer_is_read_by_a_model_that_saw_only_the_others():
    """The other says the opposite: who had seen a writer's own messages would read them right."""
    pytest.importorskip("sklearn")
    swapped = [
        risk_corpus.Message(m.text, 0 if m.level else 3, "none" if m.level else "explicit", "b")
        for m in writers("a")
    ]
    messages = [*writers("a"), *swapped]
    wrong = (fit_risk.left_out(messages) > 0) != risk_corpus.split(messages).present[:, 0]
    assert wrong.all()


def test_background_lowers_what_is_like_it(trained):
    messages, logits, made = trained
    everyday = [f"what a match {day}, no reason" for day in DAYS] * 4
    other = fit_risk.train(messages, fit_risk.left_out(messages, everyday), everyday)
    text = ["what a match, no reason"]
    assert LinearRisk(other).score(text)[0] < LinearRisk(made).score(text)[0]


def test_one_writer_is_too_few():
    with pytest.raises(InputError, match="need two files or more"):
        fit_risk.left_out(writers("a"))
    with pytest.raises(InputError, match="need two files or more"):
        fit_risk.left_out([])


def test_the_same_messages_give_the_same_file(trained, tmp_path):
    messages, logits, made = trained
    again = fit_risk.left_out(messages)
    assert (again == logits).all()
    weights.write(made, tmp_path / "one")
    weights.write(fit_risk.train(messages, again), tmp_path / "two")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
