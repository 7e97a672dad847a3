"""A model behind a real server on loopback: what is sent, repeated, kept and given up."""

import threading

import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.endpoint import EndpointDown, asking, seeds
from emp_tooling.models.sampling import Sampling

SECRET = "My sister Amrit stopped calling me."
PROMPT = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": SECRET}]
MANY = [[{"role": "user", "content": f"{SECRET} {number}"}] for number in range(20)]
BUSY = dict(status=503)


def said(request):
    return request["messages"][-1]["content"]


def test_what_is_sent(endpoint, model, monkeypatch):
    monkeypatch.setenv("MY_KEY", " sk-1 ")
    asked = model(key_env="MY_KEY", sampling=Sampling(max_new_tokens=7, temperature=0.5))
    assert asked.reply([PROMPT], seed=3) == ["It sounds like this has been heavy for you."]
    (request,) = endpoint.requests
    seed = request.pop("seed")
    assert request == {
        "model": "m",
        "messages": PROMPT,
        "stream": False,
        "max_tokens": 7,
        "temperature": 0.5,
    }
    assert 0 <= seed < 2**31
    assert endpoint.paths == ["/v1/chat/completions"]
    assert endpoint.headers[0]["authorization"] == "Bearer sk-1"


def test_no_key_is_sent_where_none_is_set(endpoint, model):
    model().reply([PROMPT])
    assert "authorization" not in endpoint.headers[0]


def test_no_proxy_stands_before_a_loopback_address(endpoint, model, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert model(retries=0).reply([PROMPT])
    assert list(model(retries=0).stream(PROMPT))


def test_replies_come_in_order_and_are_reported_as_they_come(endpoint, model):
    endpoint.script = lambda request, attempt: dict(
        text=said(request), wait_s=0.2 if said(request).endswith(" 0") else 0.01
    )
    heard, counts = [], []
    replies = model(concurrency=4).reply(
        MANY, on_reply=lambda *one: heard.append(one), progress=lambda *one: counts.append(one)
    )
    assert replies == [prompt[0]["content"] for prompt in MANY]
    assert sorted(heard) == list(enumerate(replies))
    assert heard[0][0] != 0  # the slow one did not hold the others up
    assert counts == [(number, 20) for number in range(1, 21)]
    assert endpoint.most_at_once == 4


ANSWERS = [
    ([BUSY, "Good."], 2, "passing trouble"),
    ([dict(status=408), dict(status=425), "Good."], 3, "as often as retries say"),
    ([dict(status=429, headers={"Retry-After": "0"}), "Good."], 2, "a rate limit"),
    ([dict(reset=True), "Good."], 2, "a lost connection"),
    ([dict(body=b"<html>proxy</html>"), "Good."], 2, "no JSON"),
    ([dict(body=b'{"choices": []}'), "Good."], 2, "no choice"),
    ([dict(body=b'{"choices": [{"message": "?"}]}'), "Good."], 2, "no message"),
    ([dict(body=b"[" * 100_000), "Good."], 2, "JSON that no parser ends"),
    ([dict(wait_s=0.8), "Good."], 2, "too slow"),
]


@pytest.mark.parametrize(("answers", "requests", "why"), ANSWERS)
def test_what_is_sent_again(endpoint, model, answers, requests, why):
    endpoint.script = lambda request, attempt: answers[attempt]
    assert model(timeout_s=0.5).reply([PROMPT]) == ["Good."]
    assert len(endpoint.requests) == requests


EMPTY = [
    (dict(body=b'{"choices": [{"message": {"content": null}}]}'), "the model said nothing"),
    (dict(finish="content_filter"), "a filter, told by the reason of the end"),
    (dict(status=400, body=b'{"error": {"code": "content_filter"}}'), "a filter, told by status"),
]


@pytest.mark.parametrize(("answer", "why"), EMPTY)
def test_empty_replies(endpoint, model, answer, why):
    endpoint.script = lambda request, attempt: answer
    assert model().reply([PROMPT]) == [""]
    assert len(endpoint.requests) == 1
    assert "".join(model().stream(PROMPT)) in ("", "It sounds like this has been heavy for you.")


def test_retry_after_is_honoured_and_pauses_grow(endpoint, model):
    waits = [dict(status=429, headers={"Retry-After": "0.4"}), BUSY, "Good."]
    endpoint.script = lambda request, attempt: waits[attempt]
    model().reply([PROMPT])
    first, second, third = endpoint.times
    assert second - first >= 0.4
    assert third - second >= 0.02 * 2  # the sure half of the second pause


@pytest.mark.parametrize(
    ("asked", "low", "high"), [(1e9, 600, 600.2), (0.0, 0, 0), (None, 0.5, 1.0)]
)
def test_pauses(asked, low, high):
    import tenacity

    state = tenacity.RetryCallState(None, None, (), {})
    state.set_exception((asking.Busy, asking.Busy("busy", asked), None))
    assert low <= asking._pause(state) <= high


FINAL = [
    (dict(status=401), "status 401: the key in the environment variable OPENAI_API_KEY is empty"),
    (dict(status=404), "status 404: no such path or model there; the URL usually ends in /v1"),
    (dict(status=302, headers={"Location": "/x"}), "redirects are not followed"),
    (dict(status=402), "the account has no credit"),
    (
        dict(status=429, body=b'{"error": {"code": "insufficient_quota"}}'),
        "the account has no credit",
    ),
    (
        dict(status=400, body=b'{"error": {"code": "unsupported_parameter", "param": "n"}}'),
        "status 400: it refuses the request (unsupported_parameter, n)",
    ),
    (dict(status=422), "compare the sampling settings"),
    (
        dict(status=400, body=b'{"error": {"code": "context_length_exceeded"}}'),
        "do not fit its context",
    ),
]


@pytest.mark.parametrize(("answer", "line"), FINAL)
def test_what_no_attempt_can_mend(endpoint, model, answer, line):
    # Servers like to quote the request; nothing of that may reach an error.
    quoting = {"body": b'{"error": {"message": "%s"}}' % SECRET.encode()} | answer
    endpoint.script = lambda request, attempt: quoting
    for ask in (lambda: model().reply([PROMPT]), lambda: list(model().stream(PROMPT))):
        with pytest.raises(InputError) as caught:
            ask()
        told = str(caught.value)
        assert told.startswith(f"m@{endpoint.url}: ") and line in told
        assert SECRET not in told and "\n" not in told
    assert len(endpoint.requests) == 2


def test_a_key_that_is_refused_is_named_by_its_variable(endpoint, model, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-5f0c")
    endpoint.script = lambda request, attempt: dict(status=403)
    with pytest.raises(InputError, match="OPENAI_API_KEY is refused") as caught:
        model().reply([PROMPT])
    assert "sk-5f0c" not in str(caught.value)


def test_a_template_that_takes_no_system_message_gets_it_folded(endpoint, model):
    refusal = dict(status=400, body=b'{"error": {"message": "System role not supported"}}')
    endpoint.script = lambda request, attempt: (
        refusal if request["messages"][0]["role"] == "system" else said(request)
    )
    asked = model()
    assert asked.reply([PROMPT]) == [f"Be kind.\n\n{SECRET}"]
    assert "".join(asked.stream(PROMPT)) == f"Be kind.\n\n{SECRET}"
    assert len(endpoint.requests) == 3  # refused once, then it is known


def test_what_came_before_the_endpoint_died_is_kept(endpoint, model):
    dead = threading.Event()

    def script(request, attempt):
        if len(endpoint.requests) > 8:
            dead.set()
        return BUSY if dead.is_set() else said(request)

    endpoint.script = script
    kept = {}
    with pytest.raises(EndpointDown) as caught:
        model(concurrency=2).reply(MANY, on_reply=kept.__setitem__)
    told = str(caught.value)
    assert told == f"{model().name}: no reply in 3 attempts, last: status 503; " + (
        f"{len(kept)} of 20 replies came"
    )
    assert 5 <= len(kept) <= 8 and SECRET not in told
    # No queue of doomed requests: only those under way are tried to the end.
    assert len(endpoint.requests) <= 8 + 2 * 3
    rest = [index for index in range(20) if index not in kept]
    endpoint.script = lambda request, attempt: said(request)
    model().reply(
        [MANY[index] for index in rest], on_reply=lambda at, text: kept.update({rest[at]: text})
    )
    assert [kept[index] for index in range(20)] == [prompt[0]["content"] for prompt in MANY]


def test_nobody_listens(endpoint, model):
    endpoint.stop()
    for ask in (lambda: model().reply(MANY), lambda: list(model().stream(PROMPT))):
        with pytest.raises(EndpointDown, match=r"3 attempts, last: no connection \(ConnectError\)"):
            ask()


def test_what_the_listener_raises_ends_the_batch(endpoint, model):
    def full(index, text):
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        model(concurrency=1).reply(MANY, on_reply=full)
    assert len(endpoint.requests) == 1


def test_a_part_of_the_prompts_gets_the_seeds_that_it_has_among_all():
    whole = seeds(MANY, 5)
    assert seeds(MANY[7:9], 5) == whole[7:9]
    assert len(set(whole)) == 20 and seeds(MANY, 6) != whole
    first, second = seeds([PROMPT, PROMPT], 5)
    assert first != second == seeds([PROMPT, PROMPT], 5)[1]


def test_text_that_is_not_unicode_is_sent_all_the_same(endpoint, model):
    assert model().reply([[{"role": "user", "content": "half \ud83d"}]])


def test_it_runs_where_an_event_loop_runs(endpoint, model):
    import asyncio

    async def inside():
        return model().reply([PROMPT])

    assert asyncio.run(inside())
