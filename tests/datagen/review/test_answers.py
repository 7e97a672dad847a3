"""From reviewers' answers to pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.jsonl import mistake
from emp_datagen.review import form
from emp_datagen.review.answers import join, majority, swapped
from emp_datagen.review.sdk import Reviewed
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

TEMPLATE = Template()


def record(row, *answers):
    """A record; each answer is what a reviewer says is better, and what the error is."""
    place = {"chosen": form.A, "rejected": form.B, "bad": form.BOTH_BAD}
    if not form.chosen_first(row["id"]):
        place.update(chosen=form.B, rejected=form.A)
    given = {
        f"reviewer-{number}": {form.BETTER: place[better], form.ERROR: error}
        for number, (better, error) in enumerate(answers)
    }
    return Reviewed(row["id"], form.fields(row, TEMPLATE), given)


@pytest.mark.parametrize(
    ("answers", "outcome", "why"),
    [
        ([("chosen", "same")], ("kept", "same"), "one reviewer agrees"),
        ([("chosen", "moralising")], ("kept", "moralising"), "and names another error"),
        ([("chosen", "none")], ("kept", None), "or none"),
        ([("chosen", "other")], ("kept", "other"), "or one that is not listed"),
        ([("rejected", "moralising")], ("swapped", "moralising"), "the other way round"),
        ([("rejected", "none")], ("swapped", None), "and no error in what was chosen"),
        ([("bad", "moralising")], "both bad", "neither may be sent"),
        ([], "unanswered", "nobody answered"),
        ([("chosen", "same"), ("rejected", "same")], "tied", "one against one"),
        ([("chosen", "same"), ("bad", "same")], "tied", "one against one"),
        (
            [("chosen", "same"), ("chosen", "same"), ("rejected", "moralising")],
            ("kept", "same"),
            "two against one",
        ),
        (
            [("rejected", "moralising"), ("rejected", "moralising"), ("chosen", "same")],
            ("swapped", "moralising"),
            "two against one, the other way round",
        ),
        (
            [("chosen", "moralising"), ("chosen", "collusion")],
            ("kept", "same"),
            "they differ on the error, so it stays",
        ),
        (
            [("rejected", "moralising"), ("rejected", "collusion")],
            ("swapped", None),
            "they differ on the error, and none is known",
        ),
        (
            [("chosen", "moralising"), ("chosen", "moralising")] + [("rejected", "collusion")] * 1,
            ("kept", "moralising"),
            "what the minority says is about the other reply",
        ),
        (
            [("chosen", "same"), ("chosen", None), ("rejected", "collusion")],
            ("kept", "same"),
            "an answer without an error",
        ),
    ],
)
def test_the_majority_decides(pairs, answers, outcome, why):
    row = {**pairs[0], "critique": "It harms."}
    answers = [(better, row["error"] if e == "same" else e) for better, e in answers]
    found = join([row], [record(row, *answers)], TEMPLATE)
    if isinstance(outcome, str):
        assert (found.rows, found.left_out) == ([], {outcome: 1}), why
        return
    verdict, error = outcome
    new = found.rows[0]
    error = row["error"] if error == "same" else error
    names = ("chosen", "rejected") if verdict == "kept" else ("rejected", "chosen")
    assert (new["chosen"], new["rejected"]) == tuple(row[name] for name in names), why
    assert new["error"] == error, why
    assert found.swapped == (verdict == "swapped")
    assert ("critique" in new) == (new["error"] == row["error"] and verdict == "kept"), why
    assert mistake(new, "pair") is None


def test_rows_keep_their_order_and_everything_else(pairs):
    records = [record(row, ("chosen", row["error"])) for row in reversed(pairs)]
    found = join(pairs, records, TEMPLATE)
    assert found.rows == pairs
    assert (found.swapped, found.relabelled, found.named) == (0, 0, len(pairs))


def test_counts(pairs):
    one, two, three, four, five, *_ = pairs
    records = [
        record(one, ("chosen", one["error"])),
        record(two, ("chosen", "other")),
        record(three, ("rejected", "moralising")),
        record(four, ("bad", "none")),
        Reviewed("nobody", {}, {}),
    ]
    found = join([one, two, three, four, five], records, TEMPLATE)
    assert [row["id"] for row in found.rows] == [one["id"], two["id"], three["id"]]
    assert (found.swapped, found.relabelled, found.named) == (1, 1, 2)
    assert found.left_out == {"both bad": 1, "not sent": 1}
    assert found.strangers == 1


def test_replies_with_reasoning_come_back_whole(pairs):
    lines = ["loss", "sad", "4", "listen"]
    row = dict(pairs[0])
    for name in ("chosen", "rejected"):
        text = TEMPLATE.render(lines, row[name][0]["content"])
        row[name] = [{"role": "assistant", "content": text}]
    new = join([row], [record(row, ("rejected", "other"))], TEMPLATE).rows[0]
    assert (new["chosen"], new["rejected"]) == (row["rejected"], row["chosen"])


def test_scores_are_swapped_with_the_replies(pairs):
    row = pairs[0]
    new = swapped(row)
    assert new["scores"]["chosen"] == row["scores"]["rejected"]
    assert new["scores"]["margin"] == -row["scores"]["margin"]
    assert swapped(new) == {**row, "error": None}


@pytest.mark.parametrize("change", ["text", "row", "answer"])
def test_a_file_that_was_not_reviewed_is_refused(pairs, change):
    row, other = pairs[:2]
    asked, message = record(row, ("chosen", "none")), "not those that were reviewed"
    if change == "text":
        row = {**row, "chosen": other["chosen"]}
    elif change == "row":
        row, message = other, "none of its ids"
    else:
        asked, message = Reviewed(row["id"], asked.fields, {"x": {form.BETTER: "reply_c"}}), "no su"
    with pytest.raises(InputError, match=message) as found:
        join([row], [asked], TEMPLATE)
    for texts in (row["chosen"], row["rejected"], row["prompt"]):
        assert texts[-1]["content"][:30] not in str(found.value)


@given(st.lists(st.sampled_from("abc")))
def test_the_majority_is_the_only_most_frequent_one(values):
    found = majority(values)
    counts = sorted((values.count(value) for value in set(values)), reverse=True)
    if not counts or counts[:2] == [counts[0]] * 2:
        assert found is None
    else:
        assert values.count(found) == counts[0]
