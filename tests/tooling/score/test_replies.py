import json
from collections import Counter

import pytest

from emp_plugins.errors import InputError
from emp_tooling.score.replies import from_texts, read_replies, shipped

SAID = [{"role": "user", "content": "I failed."}]
STATE = {"user": {"diagnosis": "MDD"}, "history": [-0.2], "affect": [-0.5, 0, 0, 0]}


def written(tmp_path, *rows):
    path = tmp_path / "replies.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_shipped_examples_are_groups_of_good_and_bad_replies():
    replies = shipped()
    assert max(Counter(reply.id for reply in replies).values()) == 1
    groups = {}
    for reply in replies:
        groups.setdefault(reply.group, []).append(reply)
    assert len(groups) >= 12
    for members in groups.values():
        assert 2 <= len(members) <= 4
        assert {reply.label for reply in members} == {"good", "bad"}
        assert len({reply.client for reply in members}) == 1
    bad = {reply.id.partition("/")[2] for reply in replies if reply.label == "bad"}
    # The faults that a reward must not pay for.
    assert bad >= {
        *("advice", "dismissal", "toxic_positivity", "parroting", "question_stack"),
        *("keyword_list", "missed_risk", "false_crisis_alarm"),
    }


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (  # the short shape
            {"client": "I failed.", "reply": "Oh no."},
            [("line 1", "line 1", "Oh no.", None)],
        ),
        (  # names and a label
            {"client": "I failed.", "reply": "Oh no.", "label": "bad", "id": 7, "group": "g"},
            [("7", "g", "Oh no.", "bad")],
        ),
        (  # TRL's names for the same
            {"prompt": SAID, "completion": [{"role": "assistant", "content": "Oh no."}]},
            [("line 1", "line 1", "Oh no.", None)],
        ),
        (  # a preference pair
            {"id": "a", "prompt": "I failed.", "chosen": "Oh no.", "rejected": "So what."},
            [("a/chosen", "a", "Oh no.", "good"), ("a/rejected", "a", "So what.", "bad")],
        ),
        (  # a group says of each reply which clinical error it makes
            {"prompt": SAID, "completions": ["Oh no.", "So what."], "error": [None, "x"]},
            [
                ("line 1/1", "line 1", "Oh no.", "good"),
                ("line 1/2", "line 1", "So what.", "bad"),
            ],
        ),
        (  # without that nothing is known of them
            {"prompt": SAID, "completions": ["Oh no."]},
            [("line 1/1", "line 1", "Oh no.", None)],
        ),
        (  # an empty reply can be scored too
            {"client": "I failed.", "reply": ""},
            [("line 1", "line 1", "", None)],
        ),
    ],
)
def test_every_shape_of_row_is_read(tmp_path, row, found):
    replies = read_replies(written(tmp_path, row))
    assert [(r.id, r.group, r.text, r.label) for r in replies] == found
    assert {reply.client for reply in replies} == {"I failed."}


def test_rows_with_the_same_client_are_one_group(tmp_path):
    rows = [{"client": c, "reply": "Oh.", "id": i} for c, i in (("A", "a"), ("B", "b"), ("A", "c"))]
    assert [reply.group for reply in read_replies(written(tmp_path, *rows))] == ["a", "b", "a"]


def test_other_fields_are_dataset_columns(tmp_path):
    row = {"client": "I failed.", "reply": "Oh.", "id": "a", "risk": 2, "state": STATE, "own": [1]}
    row |= {"label": "good", "log_extra": 1, "prompts": 1}  # TRL means something else by the last
    (reply,) = read_replies(written(tmp_path, row))
    assert reply.columns == {"id": "a", "risk": 2, "state": STATE, "own": [1]}


def test_a_state_header_is_no_word_of_the_client():
    assert from_texts(["Oh."], "[STATE: MDD, Balanced] Patient: I failed.")[0].client == "I failed."


def test_byte_order_mark_blank_lines_and_rare_line_separators(tmp_path):
    path = tmp_path / "replies.jsonl"
    path.write_bytes('\ufeff{"client": "a\u2028b", "reply": "Oh."}\r\n\n \n'.encode())
    (reply,) = read_replies(path)
    assert reply.client == "a\u2028b"


def test_ids_can_be_printed(tmp_path):
    row = {"client": "a", "reply": "b", "id": "x\x1b[31m\ud800\ny"}
    (reply,) = read_replies(written(tmp_path, row))
    assert reply.id.encode() and reply.id.isprintable()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{", ":2: not JSON at column 2"),
        ("[]", ":2: expected an object, got list"),
        ('{"client": "SECRET"}', ":2: reply: missing; a row holds client and reply; prompt, "),
        ('{"reply": "SECRET"}', ":2: client: missing"),
        ('{"client": "SECRET", "reply": 3}', ":2: reply: expected a text or messages"),
        ('{"client": [], "reply": "SECRET"}', ":2: client: expected a text or messages"),
        ('{"client": "SECRET", "reply": [{"role": "x"}]}', ":2: reply: expected a text or"),
        ('{"prompt": "SECRET", "chosen": "a"}', ":2: rejected: missing"),
        ('{"prompt": "SECRET", "completions": "a"}', ":2: completions: expected a list"),
        ('{"prompt": "SECRET", "completions": ["a"], "error": []}', ":2: error: expected a list"),
        ('{"client": "SECRET", "reply": "b", "label": "Good"}', ':2: label: expected "good" or'),
        ('{"client": "SECRET", "reply": "b", "id": [1]}', ":2: id: expected a text, got list"),
        ('{"client": "SECRET", "reply": "b", "risk": 5}', ":2: risk: expected a level from 0"),
        ('{"client": "SECRET", "reply": "b", "risk": true}', ":2: risk: expected a level"),
        ('{"client": "SECRET", "reply": "b", "state": "low"}', ":2: state: expected a mapping"),
        ('{"client": "SECRET", "reply": "b", "state": {}}', ":2: state: affect is missing"),
        ('{"client": "SECRET", "reply": "b", "state": {"affect": [1]}}', "expected 4 numbers"),
    ],
)
def test_a_wrong_row_names_file_line_and_field_and_not_the_text(tmp_path, line, words):
    path = written(tmp_path, {"client": "a", "reply": "b"})
    with path.open("a") as file:
        file.write(line + "\n")
    with pytest.raises(InputError) as error:
        read_replies(path)
    assert words in str(error.value) and str(path) in str(error.value)
    assert "SECRET" not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"\xff\n", ":1: not UTF-8 at byte 0"),
        (b"[" * 200_000, ":1: not JSON: nested too deep"),
    ],
)
def test_a_wrong_file_is_one_line(tmp_path, content, words):
    path = tmp_path / "replies.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_replies(path)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_replies(tmp_path)
