import re

import pytest

from emp_tooling.pages.replies import Reply, Sample, beside, in_completion


def shown(**known):
    return beside(Sample("I feel low.", ("mdd",), (("Step 0", Reply("abcdef", **known)),)))


@pytest.mark.parametrize(
    ("rule", "name", "mood"),
    [
        ("", "feelings", "note"),  # a cue of empathy
        ("at_risk.minimises", "at_risk.minimises", "bad"),
        ("missed_risk", "feelings", "note"),  # the rule did not fire here
        ("", "protocol.asks", "note"),  # a client at risk was asked, as they should be
        ("false_alarm", "protocol.asks", "bad"),  # nothing called for it
    ],
)
def test_only_what_is_a_fault_is_marked_as_one(rule, name, mood):
    html = shown(rule=rule, spans=((1, 3, name),))
    assert f'<mark class="{mood}" title="{name}">bc</mark>' in html


@pytest.mark.parametrize(
    ("known", "chips"),
    [
        ({}, [("good", "well-formed")]),
        ({"problems": ("a", "b", "c", "d")}, [("bad", "malformed"), *(("", c) for c in "abc")]),
        ({"rule": "missed_risk"}, [("good", "well-formed"), ("bad", "missed risk")]),
        ({"rule": "partial_protocol"}, [("good", "well-formed"), ("note", "partial protocol")]),
        ({"rule": "fault.jargon"}, [("good", "well-formed"), ("note", "fault: jargon")]),
        ({"spans": ((0, 1, "sorry"),) * 9}, [("good", "well-formed"), ("note", "sorry")]),
        ({"notes": ("reward 1.00",)}, [("good", "well-formed"), ("", "reward 1.00")]),
    ],
)
def test_chips_say_what_is_known(known, chips):
    found = re.findall(r'<span class="chip (\w*)">([^<]*)</span>', shown(**known))
    assert found[1:] == chips  # the first is the persona


def test_a_reply_without_text_is_said_to_be_empty():
    html = beside(Sample("x", (), (("Base", Reply("")),)))
    assert "<em>(empty)</em>" in html


@pytest.mark.parametrize(
    ("text", "answer", "places"),
    [
        ("<r>Hi.</r><a>Hi.</a>", "Hi.", (13, 15)),  # the reasoning may say the same
        ("Hi.", None, (0, 2)),  # places in the whole text
        ("Hi.", "gone", (0, 2)),
    ],
)
def test_places_in_the_answer_are_found_in_the_completion(text, answer, places):
    assert in_completion(text, answer, [[0, 2, "cue"]]) == ((*places, "cue"),)
