import pytest

from emp_datagen.run.journal import Entry
from emp_datagen.run.sieve import Sieve, texts

GOOD = "It sounds like the days have lost their colour, and you carry that alone."
BAD = "You should get up at six and go for a long run every single morning."
OTHER = "What you tell me is heavy, and I am glad that you said it out loud today."


def pair(chosen=GOOD, rejected=BAD):
    return {"prompt": "I am tired.", "chosen": chosen, "rejected": rejected}


def sieve(entries, n=10, exclude=()):
    made = Sieve(n, exclude)
    for entry in entries:
        made.take(entry)
    return made


def test_later_repeats_are_dropped_and_counted():
    rows = [pair(), pair(OTHER, BAD), pair(OTHER.replace("today", "now"), "Well, that is that.")]
    made = sieve([Entry(n, [row]) for n, row in enumerate(rows)])
    assert list(made.kept) == [0]  # the second repeats a rejected reply, the third a chosen one
    assert made.dropped == {"duplicate": 2} and made.rows == 1


def test_a_chosen_reply_may_be_rejected_elsewhere():
    made = sieve([Entry(0, [pair()]), Entry(1, [pair(OTHER, GOOD)])])
    assert list(made.kept) == [0, 1]


def test_no_more_than_wanted():
    entries = [Entry(n, [pair(f"{n} {GOOD} {n}" * 3, f"{n * 7} {BAD}" * 2)]) for n in range(9)]
    made = sieve([Entry(0, [pair()]), Entry(1, [pair(OTHER, "No.")]), *entries[2:]], n=2)
    assert made.full and list(made.kept) == [0, 1]


def test_what_became_of_the_others():
    made = sieve(
        [
            Entry(0, dropped="margin", error="collusion", agrees=True),
            Entry(1, dropped="disagree", error="collusion", agrees=False),
            Entry(2, failed="status 500", error="collusion"),
            Entry(3, [pair()], error="moralising", agrees=True),
        ]
    )
    assert made.dropped == {"margin": 1, "disagree": 1} and made.failed == {"status 500": 1}
    assert made.agreement == {"collusion": [2, 1], "moralising": [1, 1]}


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (pair(), [("chosen", GOOD), ("rejected", BAD)]),
        ({"prompt": "a", "completion": GOOD, "label": False}, [("rejected", GOOD)]),
        (
            {"prompt": "a", "completions": [[{"role": "assistant", "content": "b"}]]},
            [("completions", "b")],
        ),
        (
            {
                "prompt": [
                    {"role": "user", "content": "[STATE: MDD, Balanced] Patient: I am tired."}
                ]
            },
            [("prompt", "I am tired.")],
        ),  # the header is no part of what the client said
        ({"other": 1}, []),
    ],
)
def test_texts_that_are_compared(row, found):
    assert list(texts(row)) == found


def test_excluded_texts():
    made = sieve([Entry(0, [pair()]), Entry(1, [pair(OTHER, "No, that is wrong.")])], exclude=[BAD])
    assert list(made.kept) == [1]
