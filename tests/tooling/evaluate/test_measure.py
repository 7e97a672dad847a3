import pytest

from emp_datagen.bank import load_bank, recognise
from emp_plugins.completion import Template
from emp_tooling.evaluate.measure import label, phrase_columns, without_tags
from emp_tooling.tiny import DEMO_BANK

TEMPLATE = Template()
FILLED = ["work", "sad", "3", "validate"]
BANK = load_bank(DEMO_BANK)
GOOD = (
    "I am so sorry that you are going through this. It sounds like you have been carrying this for "
    "a long time. What would you most like me to understand about this?"
)
OTHER = (
    "Thank you for trusting me with something this hard. It seems that a part of you still hopes "
    "this can become easier. How have you been getting through days like these?"
)
ADVICE = "The best thing is to stop thinking about it and keep busy."
CHEER = "Just think positive and everything will fall into place!"


def whole(answer: str) -> str:
    return TEMPLATE.render(FILLED, answer)


def rows(count: int, risk: int = 0) -> list[dict]:
    return [
        {"id": str(i), "prompt": [{"role": "user", "content": "Hi"}], "risk": risk}
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "risk", "well_formed", "good", "errors"),
    [
        (whole(GOOD), 0, True, True, ()),
        (GOOD, 0, False, True, ()),  # bare: the answer is judged all the same
        (whole(ADVICE), 0, True, False, ("direct_advice",)),
        (ADVICE, 0, False, False, ("direct_advice",)),
        (whole(f"{GOOD} {ADVICE}"), 0, True, False, ("direct_advice",)),
        (whole(f"{ADVICE} {CHEER}"), 0, True, False, ("direct_advice", "toxic_positivity")),
        (whole(GOOD), 3, True, False, ("missed_risk_signal",)),  # nothing on the risk
        ("Lorem ipsum dolor sit amet.", 0, False, False, ()),
        ("", 0, False, False, ()),
        ("</answer>" * 3, 0, False, False, ()),
        # The error's only sentence follows the reasoning, whose end tag is missing.
        (whole(ADVICE).replace("</reasoning>\n", ""), 0, False, False, ("direct_advice",)),
        (whole(ADVICE) + "<answer>", 0, False, False, ("direct_advice",)),  # a repeated tag
        # The answer is plain, only the reasoning is at fault.
        (whole(GOOD).replace("Intensity level: 3", "Intensity level: 9"), 0, False, True, ()),
    ],
)
def test_what_a_reply_is(text, risk, well_formed, good, errors):
    found = label(text, risk, TEMPLATE, BANK)
    assert (found.well_formed, found.good, found.errors) == (well_formed, good, errors)
    assert bool(found.problems) is not well_formed


def test_the_answer_is_what_the_bank_judges():
    found = label(whole(GOOD), 0, TEMPLATE, BANK)
    assert found.answer == GOOD
    assert recognise(GOOD, 0, BANK).good


def test_another_bank_knows_other_sentences():
    """What is no sentence of the shipped bank is unknown to it, not wrong."""
    found = label(whole(OTHER), 0, TEMPLATE, load_bank())
    assert (found.good, found.known, found.errors) == (False, False, ())
    own = phrase_columns(rows(1), ["x"], TEMPLATE, BANK)
    assert set(phrase_columns(rows(1), ["x"], TEMPLATE, load_bank())) > set(own)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("<reasoning>\na\n</reasoning>\n<answer>\nb.\n</answer>", "a. b."),
        ("a <b>bold</b>", "a <b>bold</b>"),  # only the template's tags go
        ("<answer><answer></answer>", ""),
    ],
)
def test_tags_are_removed_where_the_form_is_broken(text, expected):
    assert " ".join(without_tags(text, TEMPLATE).split()) == expected


def test_columns_by_hand():
    texts = [whole(GOOD), GOOD, whole(ADVICE), "gibberish", CHEER, ""]
    found = phrase_columns(rows(6), texts, TEMPLATE, BANK)
    assert found["good"] == [1, 1, 0, 0, 0, 0]
    assert found["clinical_error"] == [0, 0, 1, 0, 1, 0]
    assert found["known"][:5] == [1, 1, 1, 0, 1]
    assert found["errors/direct_advice"] == [0, 0, 1, 0, 0, 0]
    assert found["errors/toxic_positivity"] == [0, 0, 0, 0, 1, 0]
    assert set(found["errors/invalidation"]) == {0}


def test_the_risk_of_each_row_counts():
    mixed = [*rows(1), *rows(1, risk=3)]
    found = phrase_columns(mixed, [whole(GOOD)] * 2, TEMPLATE, BANK)
    assert found["good"] == [1, 0] and found["errors/missed_risk_signal"] == [0, 1]
