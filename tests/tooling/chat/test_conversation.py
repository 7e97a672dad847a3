import pytest

from emp_plugins.affect.state import State
from emp_plugins.errors import InputError
from emp_tooling.chat.conversation import SILENCE, Conversation, Turn
from emp_tooling.chat.mood import points
from emp_tooling.chat.setup import attributes

FIRST, SECOND = Turn("I failed.", "That hurts.", level=2), Turn("Still.", "", level=1)


def test_every_change_gives_a_new_conversation():
    empty = Conversation()
    one = empty.with_turn(FIRST)
    two = one.with_turn(SECOND)
    assert (len(empty.turns), len(one.turns), len(two.turns)) == (0, 1, 2)
    assert two.without_last() == one and empty.without_last() == empty
    assert not empty and two and empty.last is None and two.last is SECOND


def test_the_messages_that_a_model_answers():
    messages = Conversation((FIRST, SECOND)).asking("And now?")
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2 + ["user"]
    # A reply without an answer still takes its turn: templates want the roles to alternate.
    assert [message["content"] for message in messages[3:]] == [SILENCE, "And now?"]


def test_risk_once_disclosed_stays():
    assert Conversation((FIRST, SECOND)).level == 2
    assert Conversation().level == 0


def test_the_mood_profile_is_that_of_the_states():
    before = State().after(-0.5, (-0.5, 0, 0, 0))
    after = before.after(0.1, (0.1, 0, 0, 0))
    said = Conversation((Turn("a", "b", state=before, category="depression"), Turn("c", "d")))
    first, waiting = points(said, after, level=3)
    assert (first.turn, first.category, first.level) == (1, "depression", 0)
    # One active axis: polarity is that axis. The second turn has no state, so the message that
    # waits is the third; the rolling mean is (-.5 + .1) / 2.
    assert first.polarity == first.rolling == pytest.approx(-0.5, abs=0.01)
    assert (waiting.turn, waiting.level, waiting.trend) == (3, 3, "Improving")
    assert waiting.polarity == pytest.approx(0.1, abs=0.01)
    assert waiting.rolling == pytest.approx(-0.2, abs=0.01)
    assert points(Conversation()) == []


def test_the_profile_agrees_with_the_state_header():
    from emp_plugins.affect.hourglass import polarity

    state, said = State(), Conversation()
    for axes in ((-0.5, 0.2, 0, 0), (0, -0.4, 0.1, 0), (0.3, 0, 0, 0.3), (0.2, 0, 0, -0.6)):
        state = state.after(float(polarity([axes])[0]), axes)
        said = said.with_turn(Turn("a", "b", state=state))
    last = points(said)[-1]
    assert last.polarity == pytest.approx(state.history[-1])
    assert last.rolling == pytest.approx(state.mean_polarity) and last.trend == state.trend


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("diagnosis", "expected NAME=VALUE"),
        ("diagnosis=", "expected NAME=VALUE"),
        ("diagnos=MDD", "did you mean 'diagnosis'"),
        ("age=40", "allowed: diagnosis, severity"),  # no header shows it
    ],
)
def test_wrong_attributes(given, message):
    with pytest.raises(InputError, match=message):
        attributes((given,))
