"""A client that a model plays, against a real server on loopback."""

import pytest

from emp_datagen.simulation import Simulation
from emp_datagen.teachers import Settings, TeacherError
from emp_plugins.errors import InputError

from ..teachers.server import Fault, Server

FILTERED = b'{"error": {"code": "content_filter", "message": "held"}}'
GOOD = "I am so sorry. It sounds like this has worn you out. What is the hardest part of the day?"


def playing(server):
    return Simulation(client=f"openai:m@{server.url}", settings=Settings(retries=0, timeout=10))


def words(body):
    return f"In my own words, number {len(body['messages'])}."


def test_the_model_words_what_the_script_says(people):
    with Server(reply=words) as server, playing(server) as simulation:
        client = simulation.start(people["gad"], seed=3, risk=2, turns=2)
        [after] = simulation.advance([client], [GOOD])
    first, second = server.requests
    assert client.message == "In my own words, number 2." != after.message
    card = first["messages"][0]["content"]
    assert client.script.bodies[0].text in card and people["gad"].title in card
    roles = [message["role"] for message in second["messages"]]
    assert roles == ["system", "user", "assistant", "user"]  # theirs is the assistant's part
    assert second["messages"][-1]["content"] == GOOD
    assert client.script.bodies[1].text in second["messages"][0]["content"]
    assert after.dialogue.turns[1].state.affect != client.state.affect  # moved before it spoke


def test_a_failure_is_raised_and_what_was_given_stays(people):
    faults = {2: Fault(status=500)}
    with Server(faults, words) as server, playing(server) as simulation:
        clients = [simulation.start(people["gad"], seed=seed, turns=2) for seed in range(2)]
        with pytest.raises(TeacherError, match="status 500"):
            simulation.advance(clients, [GOOD, GOOD])
        again = simulation.advance(clients, [GOOD, GOOD])
    assert [client.number for client in again] == [2, 2]


def test_where_a_filter_holds_it_back_the_script_speaks(people):
    faults = {0: Fault(status=400, body=FILTERED)}
    with Server(faults, words) as server, playing(server) as simulation:
        client = simulation.start(people["mdd"], seed=1, risk=3, turns=2)
    assert client.dialogue.turns[0].filtered
    assert client.message.startswith(client.script.bodies[0].text[:20])


def test_no_such_teacher():
    with pytest.raises(InputError, match="no such teacher"):
        Simulation(client="opnai:m@http://127.0.0.1:1/v1")
