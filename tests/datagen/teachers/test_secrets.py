"""The key and the client's words stay where they belong."""

import json
import logging

import pytest

from emp_datagen.teachers import Settings, load

from .asking import KEY, QUICK, SECRET, ask, order
from .server import REPLY, Fault, Server


def test_a_refused_key_is_named_by_its_variable(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Server(faults={0: Fault(status=401)}) as server:
        (error,) = ask(server)
    assert "OPENAI_API_KEY is refused" in str(error)
    assert KEY not in str(error)


def test_the_key_goes_into_the_header_and_nowhere_else(monkeypatch, caplog):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    with Server(faults=lambda r, a: [None, Fault(status=500)]["bad" in str(r)]) as server:
        texts, error = ask(server, order(), order(f"bad: {SECRET}"))
        agent = load(f"openai:m@{server.url}", QUICK)
    assert texts == [REPLY]
    assert {headers["authorization"] for headers in server.headers} == {f"Bearer {KEY}"}
    shown = repr(agent) + repr(agent.llm) + json.dumps(agent.llm.dump(), default=str)
    told = [caplog.text, shown, *chain(error)]
    assert not [text for text in told if KEY in text]
    assert not [text for text in told if "Amrit" in text]
    assert not [text for text in told if REPLY in text]


@pytest.mark.parametrize(
    "fault",
    [Fault(status=500), Fault(status=400), Fault(status=401), Fault(reset=True), Fault(body=b"{")],
    ids=repr,
)
def test_no_exception_leads_back_to_the_request(fault, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Server(faults=lambda request, attempt: fault) as server:
        (error,) = ask(server, settings=Settings(retries=0))
    assert len(chain(error)) == 1  # the SDK's exception holds the request, and so the key


def chain(error):
    """An exception and all that it came from, as text."""
    found = []
    while error is not None:
        found.append(repr(error))
        error = error.__cause__ or error.__context__
    return found


def test_no_proxy_to_loopback(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with Server() as server:
        assert ask(server) == [[REPLY]]
