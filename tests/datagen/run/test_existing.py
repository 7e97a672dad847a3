"""Judging rows that exist: whose they are, what is kept, what is exchanged."""

import json

import pytest

from emp_datagen import rows as forms
from emp_datagen.jsonl import read_any
from emp_datagen.judging.clinical import ClinicalJudge, Item
from emp_datagen.judging.select import Rule
from emp_datagen.run import existing
from emp_datagen.writing import write_any
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

SAD = "My dog died and I cry all day."
WARM = "I am so sorry. It sounds like he was family to you. What do you miss most?"
COLD = "It is only a dog. You should get a new one and move on with your life now."
UNSAFE = "You should kill yourself. Nobody will mind it at all, and it is over soon."


@pytest.fixture(scope="module")
def judge():
    return ClinicalJudge()


@pytest.fixture
def done(judge, tmp_path):
    """Judges rows; gives the rows kept and the outcome."""

    def run(*rows, **options):
        path, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        found = existing.rejudge(path, out, judge, existing.Options(**options), lambda n: None)
        return list(read_any(out)), found

    return run


def pair(chosen=WARM, rejected=COLD, **more):
    return {"prompt": SAD, "chosen": chosen, "rejected": rejected, **more}


def test_other_columns_are_kept_as_they_are(done):
    row = pair(source={"url": None, "n": [1, 2]}, risk="unknown", state="CA")
    kept, found = done(row)
    scores = kept[0].pop("scores")
    assert kept == [row]  # a column of our names means nothing in a row of others
    assert scores["margin"] > 0.1 and found.written == found.attempted == 1
    difference = scores["chosen"]["total"] - scores["rejected"]["total"]
    assert scores["margin"] == pytest.approx(difference, abs=2e-4)


@pytest.mark.parametrize(
    ("row", "options", "dropped"),
    [
        (pair(), {}, {}),
        (pair(COLD, WARM), {}, {"disagree": 1}),
        (pair(UNSAFE, COLD), {}, {"vetoed": 1}),  # forbidden, whatever the other one is
        (pair(WARM, WARM), {}, {"tie": 1}),
        (pair(), {"rule": Rule(min_margin=5)}, {"margin": 1}),
        (pair(rejected="It is only a dog."), {}, {"length": 1}),
        (pair(rejected="It is only a dog."), {"rule": Rule(max_length_ratio=9)}, {}),
        (pair(COLD, WARM), {"keep_all": True}, {}),
        (pair(COLD, WARM), {"swap": True}, {}),
        # Exchanged it would still be too close: not clearly the other way round.
        (pair(COLD, WARM), {"swap": True, "rule": Rule(min_margin=5)}, {"disagree": 1}),
        (pair(COLD, UNSAFE), {"swap": True}, {}),  # confirmed as it is
    ],
)
def test_the_rule(done, row, options, dropped):
    kept, found = done(row, **options)
    assert found.dropped == dropped
    assert len(kept) == found.written == 1 - sum(dropped.values())


def test_swap_exchanges_the_replies_and_keeps_the_rest(done):
    kept, found = done(pair(COLD, WARM, error="mine"), swap=True)
    assert (kept[0]["chosen"], kept[0]["rejected"]) == (WARM, COLD)
    assert kept[0]["scores"]["margin"] > 0 and kept[0]["error"] == "mine"
    assert found.swapped == 1
    assert found.agreement == {"mine": {"judged": 1, "agree": 0}}  # of the label as it was


def test_keep_all_only_scores(done):
    rows = [pair(COLD, WARM), pair(UNSAFE, WARM), pair(), pair()]
    kept, found = done(*rows, keep_all=True)
    assert [{k: v for k, v in row.items() if k != "scores"} for row in kept] == rows
    assert kept[0]["scores"]["margin"] < 0 and not found.dropped


def test_near_duplicates_and_excluded_rows_are_dropped(done, tmp_path):
    kept, found = done(pair(), pair())
    assert len(kept) == 1 and found.dropped == {"duplicate": 1}
    held = tmp_path / "held.jsonl"
    held.write_text(json.dumps(pair("Something else.", COLD + "!")) + "\n")
    kept, found = done(pair(), exclude=(held,))
    assert not kept and found.dropped == {"duplicate": 1}


@pytest.mark.parametrize(
    ("row", "dropped"),
    [
        ({"completion": WARM, "label": True}, {}),
        ({"completion": UNSAFE, "label": True}, {"vetoed": 1}),
        ({"completion": UNSAFE, "label": False}, {}),  # bad as it says it is
        ({"completion": UNSAFE}, {"vetoed": 1}),
        ({"completions": [WARM, COLD]}, {}),
        ({"completions": [UNSAFE, UNSAFE]}, {"vetoed": 1}),
        ({"completions": [WARM, WARM]}, {"tie": 1}),  # nothing to compare
    ],
)
def test_single_replies_and_groups(done, row, dropped):
    kept, found = done({"prompt": SAD, **row})
    assert found.dropped == dropped
    for one in kept:
        scores = one["scores"]
        assert len(scores) == len(row["completions"]) if "completions" in row else "total" in scores


def test_the_answer_is_judged_where_tags_follow_the_template(done):
    template = Template(fields=())
    tagged = pair(template.render("Grief.", WARM), template.render("Advise.", COLD))
    plain, _ = done(pair())
    found, _ = done(tagged, template=template)
    assert found[0]["scores"] == plain[0]["scores"]
    assert found[0]["chosen"] == tagged["chosen"]
    think = Template(reasoning_tag="think", answer_tag=None, fields=(), intensity_field=None)
    other = pair(think.render("Grief.", WARM), think.render("Advise.", COLD))
    assert done(other, template=think)[0][0]["scores"] == plain[0]["scores"]
    wrong, _ = done(other, template=template, keep_all=True)
    assert wrong[0]["scores"] != plain[0]["scores"]


def test_state_and_risk_of_our_rows_count(judge, done):
    state = {
        "user": {"diagnosis": "MDD", "severity": "Mild"},
        "history": [],
        "affect": [0, -1, 0, 0],
    }
    plain = "I am here with you. What has been on your mind?"
    own = {"persona": "mdd", "risk": 3, "state": state}
    kept, _ = done(pair(plain, COLD, **own), keep_all=True)
    told = [{"role": "user", "content": SAD}]
    by_columns = judge.score([Item(told, plain, 3, existing.State.from_row(state))])[0]
    by_words = judge.score([Item(told, plain)])[0]
    assert kept[0]["scores"]["chosen"] == by_columns.to_row() != by_words.to_row()
    assert by_columns.veto  # a plan goes unheard


def test_what_a_swap_makes_untrue_is_taken_back_in_our_rows(done):
    state = {"user": {}, "history": [], "affect": [-0.5, 0, 0, 0]}
    own = {"persona": "mdd", "risk": 0, "state": state, "error": "minimising", "critique": "Small."}
    kept, _ = done(pair(COLD, WARM, **own), swap=True)
    assert kept[0]["error"] is None and "critique" not in kept[0]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"chosen": "a", "rejected": "b"}, "in.jsonl:2: prompt: missing"),
        ({"prompt": " ", "chosen": "a", "rejected": "b"}, "in.jsonl:2: prompt: no message"),
        ({"prompt": "a", "chosen": "", "rejected": "b"}, "in.jsonl:2: chosen: no text"),
        ({"prompt": "a", "completion": "b"}, "in.jsonl:2: a completion row, but"),
        (pair(persona="x", state={"affect": 1}), "in.jsonl:2: state: user is missing"),
        (pair(persona="x", risk=9, state={"affect": 1}), "in.jsonl:2: risk: expected a level"),
    ],
)
def test_bad_rows_are_named_and_leave_nothing(done, tmp_path, row, message):
    with pytest.raises(InputError, match=message):
        done(pair(), row)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


def test_no_message_quotes_a_client(done):
    with pytest.raises(InputError) as caught:
        done({"prompt": SAD, "chosen": [SAD], "rejected": WARM})
    assert SAD not in str(caught.value)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        (SAD, SAD),
        ([{"role": "user", "content": "Hi."}, {"role": "user", "content": SAD}], SAD),
        (f"[STATE: MDD, Balanced] Patient: {SAD}", SAD),
        # Several turns as plain text, with and without a header over the last one.
        (f"Patient: Hi.\nTherapist: Yes?\n[STATE: MDD, Balanced] Patient: {SAD}", SAD),
        (f"Patient: Hi.\nTherapist: Yes?\n{SAD}", SAD),
        ([{"role": "assistant", "content": "Yes?"}], ""),
    ],
)
def test_what_the_client_said_last(prompt, said):
    assert forms.client(prompt) == said


def test_batches_do_not_change_a_score(judge, tmp_path, monkeypatch):
    rows = [pair(WARM, f"{COLD} {'Really. ' * (n % 3)}") for n in range(9)]
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = []
    for size in (2, 256):
        monkeypatch.setattr(existing, "TOGETHER", size)
        options = existing.Options(keep_all=True)
        found.append(existing.rejudge(path, tmp_path / "o", judge, options, lambda n: None))
    assert found[0] == found[1] and found[0].written == 9


def test_parquet_holds_what_rows_hold(tmp_path):
    """Columns and keys that begin late, and types JSON does not have."""
    import datetime

    late = [{"a": 1, "m": {"x": "y"}}] * 2100
    late += [{"a": None, "m": {"z": "w"}, "when": datetime.datetime(2026, 1, 2)}]
    path = tmp_path / "a.parquet"
    assert write_any(path, iter(late)).rows == 2101
    back = list(read_any(path))
    assert back[0] == {"a": 1, "m": {"x": "y", "z": None}, "when": None}
    assert back[-1]["m"]["z"] == "w" and back[-1]["when"] == datetime.datetime(2026, 1, 2)
    with pytest.raises(InputError, match="column when, datetime"):
        write_any(tmp_path / "a.jsonl", back[-1:])
    with pytest.raises(InputError, match="one type in all rows"):
        write_any(tmp_path / "b.parquet", [{"p": "text"}, {"p": ["list"]}])
    assert [found.name for found in tmp_path.iterdir()] == ["a.parquet"]
