import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_tooling.evaluate.guards import verifiers as v
from emp_tooling.evaluate.guards.verifiers import VERIFIERS

CASES = [
    ("words", "It's a well-made table.", [4, 4], True, "joined words are one"),
    ("words", "- one\n- two", [2, 2], True, "bullets are no words"),
    ("words", "one two three", [1, 2], False, "too many"),
    ("sentences", "One. Two! Three?", 3, True, "any mark"),
    ("sentences", "Pi is 3.14 or so.", 1, True, "a point inside a number"),
    ("sentences", "One. Two", 2, False, "no mark at the end"),
    ("sentences", 'She said "Go." Then she left.', 2, True, "a mark in quotation marks"),
    ("words_per_sentence", "A b c. D e.", [2, 3], True, "both within"),
    ("words_per_sentence", "A b c d. E.", [2, 3], False, "neither within"),
    ("lines", "a\n\nb\n", 2, True, "blank lines do not count"),
    ("paragraphs", "a\nb\n\nc", 2, True, "a line end is no paragraph"),
    ("paragraphs", "a\n \n\nb\n", 2, True, "blanks between"),
    ("bullets", "- a\n* b", 2, True, "either bullet"),
    ("bullets", "Here:\n- a\n- b", 2, False, "a line before"),
    ("bullets", "-a\n-b", 2, False, "no blank"),
    ("numbered", "1. a\n2. b", 2, True, "in order"),
    ("numbered", "1. a\n3. b", 2, False, "one is missing"),
    ("numbered", "1. a\n2. b\nDone.", 2, False, "a line behind"),
    ("includes", "A Blue ladder.", ["blue", "ladder"], True, "in any case"),
    ("includes", "A bluebird.", ["blue"], False, "a part of a word"),
    ("excludes", "Waterfall.", ["water"], True, "a part of a word"),
    ("excludes", "Water!", ["water"], False, "it is there"),
    ("occurs", "An apple, Apple, apples.", {"apple": 2}, True, "whole words"),
    ("without", "A big dog", "e", True, "no e"),
    ("without", "Eve", "e", False, "a capital"),
    ("exactly", "QX-1", "QX-1", True, "itself"),
    ("exactly", "qx-1", "QX-1", False, "another case"),
    ("one_of", '"paris".', ["Paris"], True, "marks and case do not count"),
    ("one_of", "It is Paris", ["Paris"], False, "more words"),
    ("items", "3,7 , 19.", [3, 7, 19], True, "blanks and full stop"),
    ("items", "3, 19, 7", [3, 7, 19], False, "another order"),
    ("number", "1,024", 1024, True, "a comma between thousands"),
    ("number", "43.0", 43, True, "the same number"),
    ("number", "43 eggs", 43, False, "a word"),
    ("number", "nan", 43, False, "no number"),
    ("letters", "all low, 2 of them", "lower", True, "digits are neither"),
    ("letters", "Not Low", "lower", False, "capitals"),
    ("letters", "12", "upper", False, "no letter at all"),
    ("starts", "In my view, yes", "In my view,", True, "as told"),
    ("starts", "in my view, yes", "In my view,", False, "another case"),
    ("ends", "a lantern.", "lantern.", True, "as told"),
    ("initials", "seven useful nails", "sun", True, "one each"),
    ("initials", "seven useful", "sun", False, "one is missing"),
    ("pattern", "[winter]", r"\[\w+\]", True, "the whole"),
    ("pattern", "So: [winter]", r"\[\w+\]", False, "a part"),
    ("json_object", '{"a": "x", "n": 2}', {"a": "text", "n": "number"}, True, "types fit"),
    ("json_object", '{"a": "x", "n": true}', {"a": "text", "n": "number"}, False, "a flag"),
    ("json_object", '{"a": "x"}', {"a": "text", "n": "number"}, False, "a key is missing"),
    ("json_object", "[1]", {"a": "text"}, False, "a list"),
    ("json_object", '```json\n{"a": "x"}\n```', {"a": "text"}, False, "a code block"),
    ("json_value", "[2,4, 8]", [2, 4, 8], True, "spacing does not count"),
    ("json_value", "2, 4, 8", [2, 4, 8], False, "no list"),
]


@pytest.mark.parametrize(("name", "text", "value", "holds", "why"), CASES)
def test_checks(name, text, value, holds, why):
    assert VERIFIERS[name](text, value) is holds, why


def test_every_check_has_a_case():
    assert {case[0] for case in CASES} == VERIFIERS.keys()


@settings(max_examples=30)
@given(st.text(min_size=1, max_size=60))
def test_checks_stand_any_text(text):
    for name, _, value, _, _ in CASES:
        assert VERIFIERS[name](text, value) in (True, False)


@settings(max_examples=30)
@given(st.lists(st.from_regex(r"[a-z]+", fullmatch=True), min_size=1, max_size=20))
def test_words_are_counted_one_by_one(found):
    assert v.word_list(" ".join(found)) == found
