"""The same against a server that answers in Anthropic's form."""

import pytest

from emp_datagen.teachers import Meter, TeacherError
from emp_plugins.errors import InputError

from .asking import KEY, ask
from .server import REPLY, Fault, Server


def test_anthropic(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    meter = Meter()
    with Server(faults={0: Fault(status=529)}) as server:
        server_url = type("At", (), {"url": server.url.removesuffix("/v1")})
        assert ask(server_url, n=2, meter=meter, name="anthropic:claude") == [[REPLY] * 2]
    assert set(server.paths) == {"/v1/messages"}
    request = server.requests[-1]
    assert [message["role"] for message in request["messages"]] == ["user"]
    assert request["system"].startswith("You are an experienced psychotherapist")
    assert (request["max_tokens"], request["temperature"]) == (512, 0.9)
    sent = server.headers[0]
    assert KEY in sent.get("x-api-key", "") + sent.get("authorization", "")  # by the SDK's version
    assert meter == Meter(calls=2, tokens_in=600, tokens_out=40, retries=1)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=401), "ANTHROPIC_API_KEY is empty or unset"),
        (Fault(finish="refusal"), "^content filter$"),
        (Fault(body=b'{"content": []}'), "^empty content$"),
    ],
    ids=repr,
)
def test_anthropic_that_fails(fault, message):
    with Server(faults=lambda request, attempt: fault) as server:
        server_url = type("At", (), {"url": server.url.removesuffix("/v1")})
        (error,) = ask(server_url, name="anthropic:claude")
    with pytest.raises((InputError, TeacherError), match=message):
        raise error
