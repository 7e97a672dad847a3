"""Rows and files of every shape, and what is wrong with others."""

import json
import re

import pytest

from emp_plugins.affect.state import State, render
from emp_plugins.errors import InputError
from emp_tooling.chat.conversation import Conversation, Turn
from emp_tooling.chat.transcript import save
from emp_tooling.mood.rows import read_row
from emp_tooling.mood.sessions import read_sessions

SAD = (-0.5, 0.0, 0.0, -0.1)
STATE = {"user": {}, "history": [-0.3], "affect": list(SAD)}
HEADED = render(State(affect=SAD), "I failed.")
TALK = [{"role": "user", "content": "I failed."}, {"role": "assistant", "content": "That hurts."}]


def write(path, *rows):
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "said", "why"),
    [
        ({"role": "user", "content": "I failed."}, [("client", "I failed.", None)], "a message"),
        ({"role": "assistant", "content": "Oh."}, [("reply", "Oh.", None)], "a reply"),
        ({"role": "system", "content": "Be kind."}, [], "not part of the talk"),
        ({"role": "assistant", "content": " "}, [], "a model that only reasoned"),
        ({"role": "user", "content": "I", "affect": list(SAD)}, [("client", "I", SAD)], "numbers"),
        ({"role": "user", "content": "I", "state": STATE}, [("client", "I", SAD)], "emp chat"),
        ({"role": "user", "content": HEADED}, [("client", "I failed.", None)], "no header"),
        (
            {"messages": TALK},
            [("client", "I failed.", None), ("reply", "That hurts.", None)],
            "a conversation",
        ),
        (
            {"messages": TALK, "states": [STATE], "state": {"affect": [0, 0, 0, 0]}},
            [("client", "I failed.", SAD), ("reply", "That hurts.", None)],
            "a dialogue of emp-datagen: one state a turn",
        ),
        (
            {"prompt": [*TALK, {"role": "user", "content": HEADED}], "state": STATE},
            [
                ("client", "I failed.", None),
                ("reply", "That hurts.", None),
                ("client", "I failed.", SAD),
            ],
            "the state is that of the last message",
        ),
        (
            {"prompt": "I failed.", "completion": [TALK[1]]},
            [("client", "I failed.", None), ("reply", "That hurts.", None)],
            "texts and messages mixed",
        ),
        (
            {"client": "I failed.", "reply": "That hurts."},
            [("client", "I failed.", None), ("reply", "That hurts.", None)],
            "as emp score reads them",
        ),
        (
            {"prompt": [TALK[0]], "chosen": [TALK[1]], "rejected": "So what?"},
            [("client", "I failed.", None), ("reply", "That hurts.", None)],
            "of a pair the good reply was said",
        ),
    ],
)
def test_shapes(row, said, why):
    assert [(one.who, one.text, one.affect) for one in read_row(row).said] == said, why


def test_what_a_message_says_besides_its_text():
    row = {"role": "user", "content": "I", "risk": 2, "rule": "farewell", "turn": 4, "time": 12.5}
    (one,) = read_row(row | {"session": 7}).said
    assert (one.risk, one.rule, one.turn, one.time) == (2, "farewell", 4, "12.5")
    assert read_row(row | {"session": 7}).session == "7"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            {"role": "therapist", "content": "SECRET"},
            "role: unknown role 'therapist'; allowed: assistant, system, user",
        ),
        ({"role": "usr", "content": "SECRET"}, "did you mean 'user'?"),
        ({"role": "SECRET " * 9, "content": "x"}, "unknown role 'SECRET SECRET SECRET…'"),
        ({"role": 3, "content": "SECRET"}, "role: expected a text, got a number"),
        ({"role": "user", "content": ["SECRET"]}, "content: expected a text, got a list"),
        ({"role": "user", "content": "  "}, "content: empty"),
        ({"role": "user"}, "content: expected a text, got nothing"),
        ({"role": "user", "content": "SECRET", "affect": [1, 2, 3]}, "affect: expected 4 finite"),
        ({"role": "user", "content": "SECRET", "affect": "SECR"}, "affect: expected 4 finite"),
        ({"role": "user", "content": "SECRET", "affect": [0, 0, 0, 1e999]}, "affect: expected 4"),
        ({"role": "user", "content": "SECRET", "affect": [0, 0, 0, -1e308]}, "affect: expected 4"),
        ({"role": "user", "content": "SECRET", "state": {}}, "state.affect: expected 4 finite"),
        ({"role": "user", "content": "SECRET", "state": "x"}, "state: expected a mapping, got a t"),
        ({"role": "user", "content": "SECRET", "risk": 5}, "risk: expected a level from 0 to 4"),
        ({"role": "user", "content": "SECRET", "risk": True}, "risk: expected a level from 0"),
        ({"role": "user", "content": "SECRET", "turn": "1"}, "turn: expected a whole number"),
        ({"role": "user", "content": "SECRET", "session": []}, "session: expected a text or a num"),
        ({"messages": []}, "messages: expected a list of messages, got a list"),
        ({"messages": ["SECRET"]}, "messages[0]: expected role and content, got a text"),
        ({"messages": [*TALK, {"role": "x", "content": "SECRET"}]}, "messages[2].role: unknown"),
        ({"messages": TALK, "states": []}, "states: expected one for each of the client's 1 mess"),
        ({"prompt": 3}, "prompt: expected a list of messages, got a number"),
        ({"text": "SECRET"}, "a row holds role and content, or messages, or prompt and completion"),
        (["SECRET"], "expected a mapping with role and content"),
    ],
)
def test_wrong_rows_are_one_line_with_file_and_line(tmp_path, row, message):
    path = write(tmp_path / "talk.jsonl", TALK[0], row)
    with pytest.raises(InputError) as caught:
        read_sessions([path])
    text = str(caught.value)
    assert text.startswith(f"{path}:2: ") and message in text and "\n" not in text
    assert "SECRET" not in text or "unknown role" in text  # a role is no client text


def test_sessions_of_one_file_are_told_apart(tmp_path):
    rows = [{**TALK[0], "session": name} for name in ("monday", "friday", "monday")]
    read = read_sessions([write(tmp_path / "weeks.jsonl", *rows, TALK[0])])
    assert [(one.name, len(one.said)) for one in read.sessions] == [
        ("monday", 2),
        ("friday", 1),
        ("weeks", 1),
    ]


def test_sessions_of_several_files_bear_the_file_s_name(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    paths = [tmp_path / name for name in ("a/talk.jsonl", "b/talk.jsonl", "other.jsonl")]
    for path in paths:
        write(path, TALK[0], {"messages": TALK, "id": "x"})
    names = [one.name for one in read_sessions([*paths, paths[0]]).sessions]
    assert names == [
        *(name for path in paths[:2] for name in (str(path), f"{path}: x")),
        "other",
        "other: x",
    ]


def test_conversations_without_a_name_are_called_by_their_line(tmp_path):
    read = read_sessions([write(tmp_path / "p.jsonl", "", {"prompt": "I"}, {"prompt": "You"})])
    assert [one.name for one in read.sessions] == ["line 2", "line 3"]


def test_two_conversations_of_one_name_are_refused(tmp_path):
    path = write(tmp_path / "p.jsonl", *[{"prompt": "I", "id": "x"}] * 2)
    with pytest.raises(InputError, match=re.escape(f"{path}:2: id or session: 'x' is the name")):
        read_sessions([path])


def test_half_written_lines_are_skipped_and_counted(tmp_path):
    path = write(tmp_path / "t.jsonl", TALK[0], '{"role": "us', TALK[1])
    with path.open("ab") as file:
        file.write(b'{"role": "assistant", "content": "caf\xc3')  # cut in the middle of a letter
    read = read_sessions([path])
    assert read.broken == 2 and len(read.sessions[0].said) == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "no messages; a line holds role and content, or"),
        ("\n \n", "no messages; a line holds"),
        ('{"role": "us', "no messages (1 half-written line skipped); a line holds"),
        ('{"role": "system", "content": "Be kind."}\n', "no messages; a line holds"),
    ],
)
def test_files_without_messages(tmp_path, content, message):
    path = tmp_path / "t.jsonl"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read_sessions([path])
    assert str(caught.value).startswith(f"{path}: {message}")


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_is_none(tmp_path, name):
    with pytest.raises(InputError, match="no such file"):
        read_sessions([tmp_path / name])


def test_what_emp_chat_saves_is_read_with_its_numbers(tmp_path):
    state = State({}, (-0.3,), SAD)
    talk = Conversation(
        (Turn("I failed.", "That hurts.", state=state, level=2, rule="farewell"), Turn("Yes.", ""))
    )
    save(talk, tmp_path / "chat.jsonl")
    (session,) = read_sessions([tmp_path / "chat.jsonl"]).sessions
    assert [(one.who, one.affect, one.risk, one.turn) for one in session.said] == [
        ("client", SAD, 2, 1),
        ("reply", None, None, 1),
        ("client", None, 0, 2),
    ]
