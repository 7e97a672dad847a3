import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.affect.state import State
from emp_plugins.errors import InputError
from emp_tooling.chat.conversation import Conversation, Turn
from emp_tooling.chat.transcript import load, save, to_text

SECRET = "the river runs deep"

numbers = st.floats(-2, 2)
states = st.builds(
    State,
    st.dictionaries(st.sampled_from(["diagnosis", "severity"]), st.text(max_size=9)),
    st.lists(numbers, max_size=4).map(tuple),
    st.tuples(numbers, numbers, numbers, numbers),
)
turns = st.builds(
    Turn,
    client=st.text(min_size=1).filter(str.strip),
    answer=st.text(),
    reasoning=st.text(),
    state=st.none() | states,
    level=st.integers(0, 4),
    rule=st.text(max_size=9),
    category=st.sampled_from(["none", "anxiety", "depression"]),
    problems=st.lists(st.text(), max_size=3).map(tuple),
    safety=st.text(max_size=9),
)


@given(st.lists(turns, min_size=1, max_size=4))
def test_what_is_saved_is_loaded_again(tmp_path_factory, said):
    path = tmp_path_factory.getbasetemp() / "round.jsonl"
    conversation = Conversation(tuple(said))
    save(conversation, path)
    loaded = load(path)
    assert loaded.conversation == conversation
    assert (loaded.unanswered, loaded.broken) == (None, 0)


def test_a_line_is_a_message_that_other_tools_read(tmp_path):
    state = State({"diagnosis": "MDD"}).after(-0.5, (-0.5, 0, 0, 0))
    turn = Turn(
        "Hello.", "Hi.", "think", state, 2, "reader", "depression", ("empty",), "missed_risk"
    )
    rows = [json.loads(line) for line in to_text(Conversation((turn,))).splitlines()]
    assert rows == [
        {
            "role": "user",
            "content": "Hello.",
            "turn": 1,
            "state": {"user": {"diagnosis": "MDD"}, "history": [-0.5], "affect": [-0.5, 0, 0, 0]},
            "risk": 2,
            "rule": "reader",
            "category": "depression",
        },
        {
            "role": "assistant",
            "content": "Hi.",
            "turn": 1,
            "reasoning": "think",
            "problems": ["empty"],
            "safety": "missed_risk",
        },
    ]


def test_only_its_owner_reads_a_transcript(tmp_path):
    path = tmp_path / "new" / "chat.jsonl"
    before = os.umask(0o022)
    try:
        save(Conversation((Turn("a", "b"),)), path)
        assert os.umask(0o022) == 0o022  # put back
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["chat.jsonl"]


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="is a folder; name a file in it"):
        save(Conversation((Turn("a", "b"),)), tmp_path)


def test_bare_messages_and_one_without_an_answer(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"role": "user", "content": "a"}\n\n{"role": "assistant", "content": "b"}\n'
        '{"role": "user", "content": "c", "state": {"affect": [0, -1, 0, 0]}}\n'
    )
    loaded = load(path)
    assert loaded.conversation == Conversation((Turn("a", "b"),))
    assert loaded.unanswered == "c"


def test_a_half_written_line_is_counted(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(to_text(Conversation((Turn("a", "b"),))) + '{"role": "user", "cont')
    loaded = load(path)
    assert (len(loaded.conversation.turns), loaded.broken) == (1, 1)


def row(role="user", content=SECRET, **more):
    return json.dumps({"role": role, "content": content, **more})


@pytest.mark.parametrize(
    ("lines", "number", "message"),
    [
        ([row("client")], 1, "role: 'client': allowed: assistant, user"),
        ([row("asistant")], 1, "did you mean 'assistant'"),
        ([row(), row("system")], 2, "role: 'system'"),  # the recipe brings its own
        ([row("assistant")], 1, "it is the turn of user"),
        ([row(), row()], 2, "it is the turn of assistant"),
        (["[1]"], 1, "expected a mapping with role and content"),
        (['{"role": "user"}'], 1, "content: expected a text, got nothing"),
        ([row(content=" ")], 1, "content: empty"),
        ([row(risk=5)], 1, "risk: expected a level from 0 to 4"),
        ([row(risk=True)], 1, "risk: expected a level from 0 to 4"),
        ([row(state=3)], 1, "state: expected a mapping"),
        ([row(state={"affect": [1]})], 1, "state: affect: expected 4 numbers"),
        ([row(), row("assistant", problems="x")], 2, "problems: expected a list of texts"),
    ],
)
def test_bad_lines_are_named_and_not_quoted(tmp_path, lines, number, message):
    path = tmp_path / "t.jsonl"
    path.write_text("\n".join(lines))
    with pytest.raises(InputError) as error:
        load(path)
    assert str(error.value).startswith(f"{path}:{number}: ")
    assert message in str(error.value)
    assert SECRET not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "\n\n", "{"])
def test_a_file_without_messages(tmp_path, text):
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match="no messages"):
        load(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        load(tmp_path / "t.jsonl")
