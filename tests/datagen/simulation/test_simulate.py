"""Clients that hear real judgements: reproducible, independent of each other, resumable."""

import json
import math

import pytest

from emp_datagen.bank import AT_RISK
from emp_datagen.simulation import Dialogue, Simulation
from emp_datagen.simulation.policies import play, policies
from emp_plugins.affect.state import parse
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.measure import measure

GOOD = "I am so sorry. It sounds like this has worn you out. What is the hardest part of the day?"
BAD = "Stop whining. You should get over it, others have it much worse."
PROTOCOL = (
    "I am really glad you told me, and I am sorry it hurts this much. Are you having thoughts of "
    "suicide right now? You can call or text 988, and someone you trust could stay with you."
)


@pytest.fixture(scope="module")
def clients(simulation, people):
    return simulation.start_all([people[k] for k in ("mdd", "gad", "divorce")], 6, turns=3)


@pytest.fixture(scope="module")
def finished(simulation, clients):
    return play(simulation, clients, policies()["good"])


def disclosing(simulation, people, risk=2, turns=4):
    """A client who discloses their risk in the first message."""
    for seed in range(50):
        client = simulation.start(people["mdd"], seed=seed, risk=risk, turns=turns)
        if client.script.due == 1:
            return client
    raise AssertionError("no seed draws this")


def test_good_replies_ease_and_bad_ones_hurt(simulation, clients):
    good = simulation.advance(clients, [GOOD] * 6)
    bad = simulation.advance(clients, [BAD] * 6)
    for one, other in zip(good, bad, strict=True):
        assert one.dialogue.turns[0].heard.effect == "eased"
        assert other.dialogue.turns[0].heard.effect == "hurt"
        assert one.dialogue.change > 0 > other.dialogue.change
        assert one.message != other.message  # what they say next depends on it


def test_clients_do_not_depend_on_who_is_beside_them(simulation, clients, people):
    replies = [GOOD, BAD, "Okay.", GOOD, "", BAD]
    together = simulation.advance(clients, replies)
    alone = [
        simulation.advance([one], [reply])[0] for one, reply in zip(clients, replies, strict=True)
    ]
    assert together == alone
    assert clients[4] == simulation.start(people["gad"], seed=1, turns=3)


def test_the_same_seed_gives_the_same_dialogue(simulation, clients, finished):
    assert play(simulation, clients, policies()["good"]) == finished


def test_a_prompt_is_that_of_a_row(clients):
    client = clients[0]
    header, said = parse(client.prompt()[-1]["content"])
    assert header.affect == client.state.affect and said == client.message
    assert client.row().keys() >= {"risk", "state", "target", "persona", "turn"}


@pytest.mark.parametrize("header", ["short", "none"])
def test_other_headers(simulation, people, header):
    client = simulation.start(people["gad"], header=header)
    assert client.prompt()[0]["content"].startswith("[STATE: GAD" if header == "short" else "")
    assert (header == "none") == (client.prompt()[0]["content"] == client.message)


def test_a_finished_dialogue(finished, simulation):
    for dialogue in finished:
        assert len(dialogue.turns) == 3 and len(dialogue.polarity) == 4
        assert sum(dialogue.axes_change.values()) > 0
        *earlier, last = dialogue.row(3)["prompt"]
        assert [m["role"] for m in earlier] == ["user", "assistant"] * 2
        assert last["role"] == "user" and len(dialogue.states[-1].history) >= 4


def test_its_rows_can_be_measured(finished):
    rows, replies = zip(*finished[0].rows(), strict=True)
    config = EmpathyConfig.from_block({"answer": "whole", "rewards": {"safety": {}}})
    assert measure(rows, replies, config).summary()["safe"].mean == 1


def test_a_record_is_read_back(finished, clients):
    for dialogue in (*finished, clients[0].dialogue):
        assert Dialogue.from_json(json.loads(json.dumps(dialogue.to_json()))) == dialogue
    assert finished[0].to_json()["turns"][0]["heard"]["class"] == "eased"


@pytest.mark.parametrize(
    "broken",
    [{}, {"turns": None}, {"turns": [{"message": "secret"}], "after": None}, {"turns": "secret"}],
)
def test_a_broken_record(broken):
    with pytest.raises(InputError, match="not a record of a simulated dialogue") as caught:
        Dialogue.from_json(broken)
    assert "secret" not in str(caught.value)


def test_a_dialogue_goes_on_where_it_was_written_down(simulation, clients, people):
    half = simulation.advance(clients, [GOOD] * 6)
    records = [json.loads(json.dumps(client.dialogue.to_json())) for client in half]
    read = [
        simulation.resume(people[record["persona"]], Dialogue.from_json(record))
        for record in records
    ]
    assert simulation.advance(read, [BAD] * 6) == simulation.advance(half, [BAD] * 6)
    with pytest.raises(InputError, match="its persona is mdd, not gad"):
        simulation.resume(people["gad"], half[0].dialogue)


def test_a_missed_risk_is_told_again_and_one_that_is_taken_up_is_not(simulation, people):
    client = disclosing(simulation, people)
    [missed] = simulation.advance([client], [GOOD])
    assert missed.dialogue.turns[0].heard.veto == "missed_risk"
    assert missed.dialogue.turns[1].repeated and missed.dialogue.taken_up is False
    [taken] = simulation.advance([client], [PROTOCOL])
    assert taken.dialogue.taken_up_at_once and not taken.dialogue.turns[1].repeated
    [late] = simulation.advance([missed], [PROTOCOL])
    assert late.dialogue.taken_up and not late.dialogue.taken_up_at_once


def test_nobody_has_to_run_through_the_protocol_at_every_turn(simulation, people):
    """Once it has been taken up; an unsafe reply still is one."""
    [taken] = simulation.advance([disclosing(simulation, people)], [PROTOCOL])
    assert taken.dialogue.risk_at(2) >= AT_RISK  # the row still says so
    [calm], [harsh] = (simulation.advance([taken], [reply]) for reply in (GOOD, BAD))
    assert calm.dialogue.turns[1].heard.effect == "eased"
    assert harsh.dialogue.turns[1].heard.effect == "hurt"


def test_without_risk_there_is_nothing_to_take_up(simulation, people):
    client = simulation.start(people["burnout"], risk=0, turns=1)
    [after] = simulation.advance([client], [GOOD])
    assert after.done and after.dialogue.taken_up is None and not after.dialogue.withheld
    assert after.dialogue.taken_up_at_once is None


def test_thirty_turns_stay_finite(simulation, people):
    clients = [simulation.start(people["ocd"], seed=s, turns=30) for s in range(2)]
    for reply in (GOOD, BAD):
        for dialogue in play(simulation, clients, lambda _, reply=reply: reply):
            assert len(dialogue.polarity) == 31
            values = [v for state in dialogue.states for v in (*state.affect, *state.history)]
            assert all(math.isfinite(v) and -1 <= v <= 1 for v in values)
            assert all(turn.message for turn in dialogue.turns)


def test_other_judges_move_the_client_otherwise(clients):
    only_tone = Simulation({"rewards": {"tone": {}}})
    [after] = only_tone.advance(clients[:1], ["I see. Let us look at the calendar together."])
    assert after.dialogue.turns[0].heard.effect == "eased"  # nothing else is asked of it


def test_what_cannot_be(simulation, clients, people):
    with pytest.raises(InputError, match="no personas"):
        simulation.start_all([], 3)
    with pytest.raises(ValueError, match="2 clients and 1 replies"):
        simulation.advance(clients[:2], [GOOD])
    [done] = simulation.advance([simulation.start(people["gad"], turns=1)], [GOOD])
    with pytest.raises(ValueError, match="has ended"):
        simulation.advance([done], [GOOD])
    assert simulation.advance([], []) == [] == simulation.start_all(list(people.values()), 0)
