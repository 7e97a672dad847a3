"""A reply piece by piece from a real server on loopback."""

import pytest

from emp_tooling.models.endpoint import EndpointDown

SECRET = "My sister Amrit stopped calling me."
PROMPT = [{"role": "user", "content": SECRET}]
BUSY = dict(status=503)


def test_a_stream(endpoint, model):
    pieces = list(model().stream(PROMPT, seed=4))
    assert pieces[:2] == ["It ", "sounds "]
    assert "".join(pieces) == "It sounds like this has been heavy for you."
    (request,) = endpoint.requests
    assert request["stream"] is True and request["seed"] == 4
    list(model().stream(PROMPT))
    assert "seed" not in endpoint.requests[1]


def test_a_stream_begins_after_retries(endpoint, model):
    answers = [BUSY, dict(reset=True), "At last."]
    endpoint.script = lambda request, attempt: answers[attempt]
    assert "".join(model().stream(PROMPT)) == "At last."


BROKEN = [
    (dict(breaks_after=3), "no connection (", "It sounds like "),
    (dict(wait_after=(2, 2.0)), "no further piece within 0.3 s", "It sounds "),
    (
        dict(body=b"data: {\n\n", headers={"Content-Type": "text/event-stream"}),
        "not a chat completion",
        "",
    ),
    (
        dict(
            body=b'data: {"choices": [{"delta": {"content": "I"}}]}\n\n',
            headers={"Content-Type": "text/event-stream"},
        ),
        "the connection ended before the reply did",
        "I",
    ),
]


@pytest.mark.parametrize(("answer", "line", "seen"), BROKEN)
def test_a_stream_that_breaks_off(endpoint, model, answer, line, seen):
    endpoint.script = lambda request, attempt: answer
    got = []
    with pytest.raises(EndpointDown) as caught:
        for piece in model(timeout_s=0.3).stream(PROMPT):
            got.append(piece)
    assert line in str(caught.value) and SECRET not in str(caught.value)
    assert "".join(got) == seen
    assert len(endpoint.requests) == 1  # a reply that has begun is not begun again


def test_a_server_that_does_not_stream(endpoint, model):
    body = b'{"choices": [{"message": {"content": "All at once."}}]}'
    endpoint.script = lambda request, attempt: dict(body=body)
    assert list(model().stream(PROMPT)) == ["All at once."]


def test_a_closed_stream_ends_the_connection(endpoint, model):
    endpoint.script = lambda request, attempt: dict(text="word " * 50_000)
    pieces = model().stream(PROMPT)
    assert next(pieces) == "word "
    pieces.close()
    assert endpoint.closed_early.wait(5)
