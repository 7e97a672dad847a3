import io
import json

import pytest
from rich.console import Console

from emp_plugins.errors import InputError
from emp_tooling.chat.conversation import Conversation, Turn
from emp_tooling.chat.terminal.session import Session

SAD = "I lost my job and I feel so sad and alone."
ANGRY = "I am furious with my boss."
PASSIVE = "I wish I could just not wake up."
CLEAR = "I want to kill myself."


@pytest.fixture
def talk():
    """Runs a session on lines; what is an exception is raised at the prompt."""

    def run(setup, *lines, width=100):
        out = io.StringIO()
        given = iter(lines)

        def read(prompt):
            line = next(given, EOFError())
            if isinstance(line, BaseException):
                raise line
            return line

        session = Session(setup, Console(file=out, width=width), read)
        session.run()
        return session, out.getvalue()

    return run


def test_a_turn_is_answered_as_it_comes(talk, setup_of, script):
    session, shown = talk(setup_of(user={"diagnosis": "MDD"}), SAD)
    assert "not a medical device" in shown and "/help" in shown
    assert shown.index("medical") < shown.index("Emotional content: sadness")
    assert shown.index("sadness") < shown.index("That sounds heavy")
    assert "<" not in shown  # no tags
    (turn,) = session.conversation.turns
    assert (turn.client, turn.answer, turn.reasoning) == (SAD, script.answer, script.reasoning)
    assert turn.state.user == {"diagnosis": "MDD"} and turn.state.affect[0] < -0.3


def test_the_model_reads_what_training_showed_it(talk, setup_of):
    setup = setup_of(user={"diagnosis": "MDD"})
    talk(setup, SAD, ANGRY)
    model = setup.inference.model
    last = model.asked[1]
    assert [message["role"] for message in last] == ["user", "assistant", "user"]
    assert last[0]["content"] == SAD  # earlier turns have no header
    assert last[2]["content"].startswith("[USER STATE]\nDiagnosis: MDD\n")
    assert last[2]["content"].endswith(f"Patient: {ANGRY}")


def test_reasoning_can_be_hidden(talk, setup_of, script):
    session, shown = talk(setup_of(reasoning=False), SAD)
    assert "Emotional content" not in shown and "That sounds heavy" in shown
    assert session.conversation.last.reasoning == script.reasoning


def test_state_and_mood(talk, setup_of):
    _, shown = talk(
        setup_of(user={"diagnosis": "MDD"}), "/state", "/mood", SAD, ANGRY, "/state", "/mood"
    )
    assert "no state yet" in shown and "no mood profile yet" in shown
    after = shown.split("no mood profile yet")[1]
    assert "[USER STATE]" in after and "Recent Trend (h_t): Improving" in after
    assert "█│" in after  # a bar below zero
    rows = [line.split() for line in after.splitlines() if line.strip().startswith(("1 ", "2 "))]
    assert [len(row) for row in rows] == [9, 9] and rows[0][7] == "depression"
    assert "improving" in after.splitlines()[-2] + after.splitlines()[-3]


def test_short_headers_and_none(talk, setup_of):
    assert "[STATE: Low-Introspection]" in talk(setup_of(style="short"), SAD, "/state")[1]
    assert "have no state header" in talk(setup_of(style=None), SAD, "/state")[1]


def test_risk_is_met_before_the_reply_and_once_for_each_level(talk, setup_of):
    title, line = "If this is about you", "116 123"
    _, shown = talk(setup_of(), PASSIVE, SAD, CLEAR, SAD)
    assert shown.count(title) == 2 == shown.count(line)
    first = shown.index(title)
    assert first < shown.index("That sounds heavy")
    # The second is for the graver disclosure.
    assert shown.count("That sounds heavy", 0, shown.rindex(title)) == 2


def test_no_risk_no_resources(talk, setup_of):
    assert "116 123" not in talk(setup_of(), SAD, ANGRY)[1]


def test_a_malformed_reply_is_shown_with_its_fault(talk, setup_of):
    session, shown = talk(setup_of("I hear you, and I am here."), SAD)
    assert "I hear you, and I am here." in shown
    assert "not in the shape that was trained: missing <reasoning>" in " ".join(shown.split())
    assert session.conversation.last.answer == "I hear you, and I am here."


def test_only_reasoning_gives_no_answer_and_the_talk_goes_on(talk, setup_of, script):
    setup = setup_of(f"<reasoning>\n{script.reasoning}\n</reasoning>", script.whole())
    session, shown = talk(setup, SAD, ANGRY)
    assert "(no answer could be told apart)" in shown
    assert [turn.answer for turn in session.conversation.turns] == ["", script.answer]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            "That sounds heavy. What was the hardest part of it for you?",
            "(missed_risk): it does not",
        ),
        (
            "Cheer up, it will all be fine, look on the bright side.",
            "(at_risk.minimises): it meets",
        ),
    ],
)
def test_an_unsafe_answer_is_noted(talk, setup_of, script, answer, told):
    _, shown = talk(setup_of(script.whole(answer)), PASSIVE)
    assert f"(unsafe {told}" in " ".join(shown.split())


def test_control_characters_do_not_reach_the_terminal(talk, setup_of, script):
    _, shown = talk(setup_of(script.whole("a\x1b[2Jb\x07 and some more words here")), SAD)
    assert "\x1b" not in shown and "\x07" not in shown and "a[2Jb and some" in shown


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (
            InputError("http://127.0.0.1:1/v1: nobody answers"),
            "http://127.0.0.1:1/v1: nobody answers",
        ),
        (
            RuntimeError(SAD),
            "the reply failed: RuntimeError in conftest.py:",
        ),  # may quote the client
    ],
)
def test_a_failure_is_one_line_and_drops_the_turn(talk, setup_of, script, failure, told):
    session, shown = talk(setup_of(failure, script.whole()), SAD, "/retry")
    assert told in shown and SAD not in shown and "Traceback" not in shown
    assert [turn.client for turn in session.conversation.turns] == [SAD]


def test_ctrl_c_stops_the_reply_and_drops_the_turn(talk, setup_of, script):
    setup = setup_of(script.whole(), KeyboardInterrupt(), script.whole("And now?"))
    session, shown = talk(setup, SAD, ANGRY)
    assert [turn.client for turn in session.conversation.turns] == [SAD]
    assert "stopped" in shown and "the message is not in the conversation" in shown
    session, _ = talk(setup_of(KeyboardInterrupt(), script.whole()), ANGRY, "/retry")
    assert [turn.client for turn in session.conversation.turns] == [ANGRY]


def test_ctrl_c_twice_at_the_prompt_leaves(talk, setup_of):
    interrupt = KeyboardInterrupt()
    session, shown = talk(setup_of(), interrupt, SAD, interrupt, interrupt, ANGRY)
    assert shown.count("ctrl-c once more leaves") == 2
    assert [turn.client for turn in session.conversation.turns] == [SAD]


def test_undo_retry_and_reset(talk, setup_of, script):
    setup = setup_of(script.whole("One."), script.whole("Two."), seed=5)
    session, shown = talk(setup, "/undo", "/retry", SAD, "/retry")
    assert "nothing to take back" in shown and "nothing to try again" in shown
    assert [turn.answer for turn in session.conversation.turns] == ["Two."]
    assert setup.inference.model.seeds == [5, 6]  # a retry with the same seed would change nothing
    session, shown = talk(setup_of(), SAD, ANGRY, "/undo")
    assert "1 remain" in shown and session.conversation.last.client == SAD
    session, _ = talk(setup_of(), SAD, "/reset")
    assert session.conversation == Conversation()


def test_a_retry_that_fails_keeps_the_reply(talk, setup_of, script):
    session, shown = talk(setup_of(script.whole("One."), RuntimeError()), SAD, "/retry")
    assert [turn.answer for turn in session.conversation.turns] == ["One."]
    assert "the reply that was there stays" in shown


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("/moood", "/moood: no such command; did you mean /mood?"),
        ("/xyzzy", "no such command; /help lists the commands"),
        ("/save", "/save needs the name of a file"),
        ("/save x.jsonl", "nothing to save yet"),
        ("/quit my job", "/quit takes nothing after it"),  # a sentence, and no wish to leave
        ("/help", "write the conversation as JSONL"),
        ("/MOOD", "no mood profile yet"),
    ],
)
def test_commands_answer_mistakes(talk, setup_of, line, told):
    setup = setup_of()
    assert told in talk(setup, line)[1]
    assert setup.inference.model.asked == []


def test_nothing_is_written_unless_asked(talk, setup_of, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    talk(setup_of(), SAD, "/state", "/mood")
    assert list(tmp_path.iterdir()) == []
    _, shown = talk(setup_of(), SAD, "/save chat.jsonl", "/save /proc/nowhere/chat.jsonl")
    assert "1 turn saved to chat.jsonl" in shown and "not saved: " in shown
    rows = [json.loads(line) for line in (tmp_path / "chat.jsonl").read_text().splitlines()]
    assert [row["role"] for row in rows] == ["user", "assistant"]


def test_a_loaded_conversation_goes_on(talk, setup_of):
    begun = Conversation((Turn(CLEAR, "I am worried about you.", level=4),))
    session, shown = talk(setup_of(begun=begun, unanswered=SAD), "/quit", SAD)
    assert "1 turn loaded" in shown and "no answer yet" in shown
    assert shown.count("999") == 1  # the risk of the transcript counts
    assert [turn.client for turn in session.conversation.turns] == [CLEAR, SAD]
    assert session.conversation.last.level == 4


def test_a_transcript_without_states_is_read(setup_of):
    from emp_tooling.chat.answering import with_states

    said = Conversation((Turn(SAD, "a"), Turn(PASSIVE, "b"), Turn(ANGRY, "c")))
    known = with_states(setup_of().inference, said)
    assert [turn.level for turn in known.turns] == [0, 2, 2]
    assert [len(turn.state.history) for turn in known.turns] == [1, 2, 3]
    assert known.turns[0].category == "depression"
