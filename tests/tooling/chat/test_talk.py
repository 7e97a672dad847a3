"""The web chat without its page."""

import pytest

from emp_tooling.chat.conversation import Conversation, Turn
from emp_tooling.chat.web import panels
from emp_tooling.chat.web.talk import Held, Talk

SAD, PASSIVE = "I lost my job and I feel so sad and alone.", "I wish I could just not wake up."


def said(talk, *texts):
    shown = talk.begin()
    for text in texts:
        *_, shown = talk.say(text, shown.held, "session")
    return shown


def test_a_turn_from_its_first_picture_to_its_last(setup_of, script):
    talk = Talk(setup_of(pause=0.01))
    first, *between, last = talk.say(f" {SAD}\n", Held(), "session")
    # The client's state is there before the reply.
    assert first.busy and first.bubbles == [{"role": "user", "content": SAD}]
    assert len(first.points) == 1 and first.state.affect[0] < -0.3
    assert any(
        picture.bubbles[1].get("metadata", {}).get("status") == "pending" for picture in between
    )
    assert not last.busy and last.text == "" and last.note == ""
    assert [bubble["content"] for bubble in last.bubbles] == [SAD, script.reasoning, script.answer]
    assert last.held.conversation.last.answer == script.answer


def test_sessions_do_not_share_anything(setup_of):
    talk = Talk(setup_of())
    one = said(talk, SAD)
    assert talk.begin().held == Held() and len(one.held.conversation.turns) == 1


def test_an_empty_message_asks_nothing(setup_of):
    setup = setup_of()
    assert said(Talk(setup), "  \n").held == Held()
    assert setup.inference.model.asked == []


def test_stopping_drops_the_turn_and_gives_the_message_back(setup_of):
    setup = setup_of(pause=0.02)
    talk = Talk(setup)
    pictures = talk.say(SAD, Held(), "mine")
    next(pictures)
    talk.stop("another")
    assert next(pictures).busy
    talk.stop("mine")
    *_, last = pictures
    assert (last.note, last.text, last.held.conversation) == ("stopped", SAD, Conversation())
    assert setup.inference.model.stopped == 1


def test_closing_the_page_stops_the_model(setup_of):
    setup = setup_of(pause=0.02)
    talk = Talk(setup)
    pictures = talk.say(SAD, Held(), "mine")
    next(pictures)
    next(pictures)
    talk.forget("mine")
    assert [*pictures][-1].note == "stopped"
    assert setup.inference.model.stopped == 1


def test_a_failure_is_told_without_the_clients_words(setup_of, script):
    shown = said(Talk(setup_of(RuntimeError(SAD), script.whole())), SAD)
    assert shown.note.startswith("the reply failed: RuntimeError in ")
    assert SAD not in shown.note and shown.text == SAD and not shown.held.conversation


def test_retry_undo_and_clear(setup_of, script):
    talk = Talk(setup_of(script.whole("One."), script.whole("Two."), RuntimeError(), seed=3))
    shown = said(talk, SAD)
    *_, shown = talk.retry(shown.held, "session")
    assert [turn.answer for turn in shown.held.conversation.turns] == ["Two."]
    *_, failed = talk.retry(shown.held, "session")
    assert failed.held.conversation == shown.held.conversation and failed.text == ""
    assert talk._setup.inference.model.seeds == [3, 4, 5]
    back = talk.undo(shown.held)
    assert (back.text, back.bubbles) == (SAD, [])
    assert talk.clear().held == Held()
    *_, nothing = talk.retry(Held(), "session")
    assert nothing.note == "nothing to try again"


def test_hidden_reasoning_and_faults(setup_of):
    shown = said(Talk(setup_of("I hear you, and I am here.", reasoning=False)), PASSIVE)
    titles = [bubble["metadata"]["title"] for bubble in shown.bubbles if "metadata" in bubble]
    assert len(titles) == 2
    assert titles[0].startswith("not in the shape that was trained: missing <reasoning>")
    assert titles[1].startswith("unsafe (missed_risk)")


def test_a_loaded_conversation_is_shown(setup_of):
    begun = Conversation((Turn(SAD, "That hurts.", level=3),))
    shown = Talk(setup_of(begun=begun, unanswered=PASSIVE)).begin()
    assert (shown.level, shown.text) == (3, PASSIVE)
    assert [bubble["content"] for bubble in shown.bubbles] == [SAD, "That hurts."]


@pytest.mark.parametrize(
    ("level", "first"),
    [(1, None), (2, "116 123"), (4, "999")],  # emergency numbers first where danger is near
)
def test_crisis_resources(setup_of, level, first):
    html = panels.risk(level, setup_of().resources)
    assert (html == "") == (first is None)
    if first:
        assert html.index(first) == min(
            html.index(f"<b>{n}") + 3 for n in ("116 123", "85258", "999")
        )


def test_panels_escape_every_text(setup_of):
    hostile = "<script>alert(1)</script>"
    shown = said(Talk(setup_of(user={"diagnosis": hostile})), SAD)
    parts = [
        panels.head(hostile),
        panels.note(hostile),
        panels.mood(shown.points),
        panels.state(shown.state, "full"),
        panels.state(shown.state, None),
        panels.state(None, "full"),
    ]
    assert "<script" not in "".join(parts) and "&lt;script&gt;" in parts[3]
