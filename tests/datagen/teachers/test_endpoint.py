"""Teachers behind a real server on loopback that fails: what is repeated, given up, told."""

import asyncio
import threading
import time
from email.utils import formatdate

import pytest

from emp_datagen.teachers import Meter, Settings, TeacherError, load
from emp_plugins.errors import InputError

from .asking import QUICK, SECRET, ask, endpoint, order
from .server import REPLY, Fault, Server


def test_a_reply():
    meter = Meter()
    with Server(reply=f" {REPLY}\n") as server:
        assert ask(server, meter=meter) == [[REPLY]]
    (request,) = server.requests
    assert server.paths == ["/v1/chat/completions"]
    # max_tokens always: the default of distilabel cuts replies off. No n: some servers refuse it.
    assert {k: v for k, v in request.items() if k != "messages"} == {
        "model": "m",
        "max_tokens": 512,
        "temperature": 0.9,
    }
    assert [message["role"] for message in request["messages"]] == ["system", "user"]
    assert request["messages"][1]["content"].endswith(f"Patient: {SECRET}")
    assert meter == Meter(calls=1, tokens_in=300, tokens_out=20)


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        (Fault(status=500), 1),
        (Fault(status=503), 1),
        (Fault(status=408), 1),
        (Fault(status=409), 1),
        (Fault(status=425), 1),
        (Fault(status=429), 1),
        (Fault(status=429, headers={"Retry-After": "soon"}), 1),  # not to be read: our own pause
        (Fault(text=""), 2),  # answered, and paid for
        (Fault(text=" \n"), 2),
        (Fault(text="<think>Sad, so be gentle."), 2),  # cut off before the reply began
        (Fault(body=b'{"choices": [{"message": {"content": null}}]}'), 2),
        (Fault(body=b'{"choices": [{"message": {"content"'), 1),  # broken JSON
        (Fault(body=b"<html>proxy</html>", headers={"Content-Type": "text/html"}), 1),
        (Fault(body=b'{"choices": null}'), 1),
        (Fault(body=b'["no", "completion"]'), 1),
        (Fault(body=b"\xff\xfe"), 1),
        (Fault(body=b"[" * 100_000), 1),
        (Fault(reset=True), 1),
    ],
    ids=repr,
)
def test_what_may_pass_is_asked_again(fault, calls):
    meter = Meter()
    with Server(faults={0: fault}) as server:
        assert ask(server, meter=meter) == [[REPLY]]
    assert (len(server.requests), meter.retries, meter.calls) == (2, 1, calls)
    assert server.requests[0] == server.requests[1]


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=500), "status 500"),
        (Fault(text=""), "empty content"),
        (Fault(body=b"{"), "not a chat completion"),
        (Fault(wait_s=1.0), "no answer within 0.2 s"),
        (Fault(reset=True), r"no connection \(ReadError\)"),
    ],
    ids=repr,
)
def test_what_never_passes_is_given_up(fault, message):
    settings = Settings(retries=1, timeout=0.2 if fault.wait_s else 10)
    with Server(faults=lambda request, attempt: fault) as server:
        (error,) = ask(server, settings=settings)
    with pytest.raises(TeacherError, match=f"^{message}$"):
        raise error
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=400), "status 400"),
        (Fault(status=413), "status 413"),
        (Fault(status=422), "status 422"),
        (
            Fault(
                status=400,
                body=b'{"error": {"code": "unsupported_value", "param": "temperature", "message":'
                b' "My sister Amrit"}}',
            ),
            r"status 400 \(unsupported_value, temperature\)",
        ),
        (Fault(status=400, body=b'{"error": {"code": "content_filter"}}'), "content filter"),
        (Fault(status=403, body=b'{"error": {"code": "moderation"}}'), "content filter"),
        (Fault(finish="content_filter", text="I can"), "content filter"),
        (Fault(status=400, body=b'{"error": "Amrit"}'), "status 400"),
        (Fault(status=418), "status 418"),
    ],
    ids=repr,
)
def test_a_bad_row_is_asked_once_and_the_others_go_on(fault, message):
    def faults(request, attempt):
        return fault if "number 1" in request["messages"][1]["content"] else None

    with Server(faults=faults) as server:
        found = ask(server, *(order(f"Row number {number}.") for number in range(4)))
    assert [one for one in found if isinstance(one, list)] == [[REPLY]] * 3
    with pytest.raises(TeacherError, match=f"^{message}$"):
        raise found[1]
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (Fault(status=401), "OPENAI_API_KEY is empty or unset; set it to a key for http"),
        (Fault(status=403), "OPENAI_API_KEY is empty or unset"),
        (Fault(status=404), "no model 'm'; the base_url usually ends in /v1"),
        (Fault(status=405), "has no such path"),
        (Fault(status=302, headers={"Location": "/elsewhere"}), "redirects are not followed"),
        (Fault(status=307, headers={"Location": "/elsewhere"}), "redirects are not followed"),
        (Fault(status=402), "has no credit"),
        (Fault(status=429, body=b'{"error": {"code": "insufficient_quota"}}'), "has no credit"),
    ],
    ids=repr,
)
def test_what_is_wrong_for_every_row_stops_at_once(fault, message):
    with Server(faults=lambda request, attempt: fault) as server:
        (error,) = ask(server)
    with pytest.raises(InputError, match=message):
        raise error
    assert "\n" not in str(error)
    assert len(server.requests) == 1


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_honoured(form):
    wait_s = 1.2 if form == "seconds" else 3.0
    header = "1.2" if form == "seconds" else formatdate(time.time() + wait_s, usegmt=True)
    fault = Fault(status=429, headers={"Retry-After": header})
    with Server(faults={0: fault}) as server:
        assert ask(server) == [[REPLY]]
    # A date has whole seconds.
    assert wait_s - 1.1 * (form == "date") <= server.times[1] - server.times[0] < wait_s + 2


def test_a_hanging_request_is_given_up_and_sent_again():
    with Server(faults={0: Fault(wait_s=3.0)}) as server:
        started = time.monotonic()
        assert ask(server, settings=Settings(timeout=0.4)) == [[REPLY]]
        assert time.monotonic() - started < 2.5


def test_a_server_that_starts_slowly(monkeypatch):
    monkeypatch.setattr(endpoint, "FIRST_BACKOFF_S", 0.2)
    server, meter = Server(), Meter()
    starter = threading.Timer(1.0, server.start)
    starter.start()
    try:
        assert ask(server, meter=meter, settings=Settings(retries=6)) == [[REPLY]]
    finally:
        starter.join()
        server.stop()
    assert meter.retries >= 1
    assert meter.calls == 1


def test_nobody_listens():
    (error,) = ask(Server())
    with pytest.raises(TeacherError, match=r"^no connection \(ConnectError\)$"):
        raise error


@pytest.mark.parametrize(
    ("server", "asked"),
    [
        (Server(), [4]),
        (Server(ignores_n=True), [4, 1, 1, 1]),
        (Server(faults=lambda r, a: Fault(status=400) if "n" in r else None), [4, 1, 1, 1, 1]),
        (Server(faults={0: Fault(text="")}), [4, 4]),
    ],
    ids=["n honoured", "n ignored", "n refused", "empty at first"],
)
def test_several_texts(server, asked):
    meter = Meter()
    with server:
        assert ask(server, n=4, meter=meter) == [[REPLY] * 4]
    assert [request.get("n", 1) for request in server.requests] == asked
    assert meter.tokens_out >= 4 * 20


def test_several_texts_that_a_filter_holds_back_are_asked_for_once():
    with Server(faults=lambda r, a: Fault(finish="content_filter")) as server:
        (error,) = ask(server, n=3)
    assert str(error) == "content filter"
    assert len(server.requests) == 1


def test_n_is_asked_for_once_where_it_is_refused():
    async def run(url):
        agent = load(f"openai:m@{url}", QUICK)
        texts = [await agent.ask(order(), 2) for _ in range(2)]
        await agent.close()
        return texts

    with Server(faults=lambda r, a: Fault(status=400) if "n" in r else None) as server:
        assert asyncio.run(run(server.url)) == [[REPLY] * 2] * 2
    assert [request.get("n", 1) for request in server.requests] == [2, 1, 1, 1, 1]


def test_several_texts_of_which_one_fails():
    with Server(ignores_n=True, faults={2: Fault(status=400)}) as server:
        (error,) = ask(server, n=3)
    with pytest.raises(TeacherError, match=r"^status 400$"):
        raise error
