import asyncio

import pytest

from emp_tooling.chat.web.shield import Shield, host_of, without_elsewhere

PAGE = (
    b'<link rel="preconnect" href="https://fonts.example" />\n<link\n rel="x"\n href="http://a.example"\n/>'
    b'<script src="https://cdn.example/a.js" async></script><script src="./assets/b.js"></script>'
    b'<a href="https://example.org">kept: nothing is loaded</a>'
)


def ask(app, **headers):
    sent = []

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(app(scope, None, send))
    return sent


def answering(kind, *bodies):
    async def app(scope, receive, send):
        assert b"accept-encoding" not in dict(scope["headers"])
        headers = [(b"content-type", kind), (b"content-length", b"9999")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for place, body in enumerate(bodies, 1):
            more = place < len(bodies)
            await send({"type": "http.response.body", "body": body, "more_body": more})

    return app


def test_a_page_loses_what_it_would_load_from_elsewhere():
    half = len(PAGE) // 2
    app = Shield(answering(b"text/html; charset=utf-8", PAGE[:half], PAGE[half:]))
    start, body = ask(app, **{"accept-encoding": "gzip"})
    assert b"fonts.example" not in body["body"] and b"a.example" not in body["body"]
    assert b"cdn.example" not in body["body"]
    assert b"./assets/b.js" in body["body"] and b"example.org" in body["body"]
    headers = dict(start["headers"])
    assert headers[b"content-length"] == str(len(body["body"])).encode()
    assert b"default-src 'self'" in headers[b"content-security-policy"]


def test_other_answers_pass_as_they_are():
    sent = ask(Shield(answering(b"text/event-stream", PAGE, b"more")))
    assert [message.get("body") for message in sent] == [None, PAGE, b"more"]
    assert dict(sent[0]["headers"])[b"cache-control"] == b"no-store"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:7860", 200),
        ("localhost", 200),
        ("LOCALHOST:80", 200),
        ("rebound.example:7860", 403),  # a name elsewhere that points here
        ("", 403),
    ],
)
def test_on_loopback_only_its_own_names_are_answered(host, status):
    app = Shield(answering(b"text/plain", b"x"), ("127.0.0.1", "localhost"))
    assert ask(app, host=host)[0]["status"] == status
    assert ask(Shield(answering(b"text/plain", b"x")), host=host)[0]["status"] == 200


def test_names_of_hosts():
    assert host_of("[::1]") == host_of("[::1]:80") == "::1"
    assert without_elsewhere(b"") == b""
