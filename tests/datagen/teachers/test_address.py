"""What cannot be used is said before a request is sent, and how answers are read."""

import pytest

from emp_datagen.teachers import Settings, load
from emp_datagen.teachers.address import read
from emp_datagen.teachers.agent import clean
from emp_datagen.teachers.failures import retry_after
from emp_plugins.errors import InputError


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("openai:gpt", "set OPENAI_API_KEY to a key for https://api.openai.com/v1"),
        ("openai:m@https://llm.example.org/v1", "set OPENAI_API_KEY to a key for https://llm"),
        ("anthropic:claude", "set ANTHROPIC_API_KEY to a key for https://api.anthropic.com"),
        ("openai:m@ftp://127.0.0.1/v1", "expected http://HOST:PORT/v1"),
        ("openai:m@http://", "expected http://HOST:PORT/v1"),
        ("openai:m@http://127.0.0.1:port/v1", "expected http://HOST:PORT/v1"),
        ("openai:m@localhost:8000/v1", "the URL begins with http:// or https://"),
        ("openai:m@http://127.0.0.1/v1?key=1", "no spaces, [?] or #"),
        ("openai:m@http://me:pass@127.0.0.1/v1", "no user name or password in the URL"),
    ],
)
def test_an_address_that_cannot_be_used(name, message):
    with pytest.raises(InputError, match=message) as caught:
        load(name)
    assert "\n" not in str(caught.value)
    assert "pass@" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-\u00fc", "sk\n-two-lines"])
def test_a_key_with_a_stray_character(key, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InputError, match="OPENAI_API_KEY has a stray character") as caught:
        load("openai:m@http://127.0.0.1:1/v1")
    assert key not in str(caught.value)


@pytest.mark.parametrize(
    ("rest", "model", "url"),
    [
        ("m@http://localhost:1/v1", "m", "http://localhost:1/v1"),
        ("org/m@http://[::1]:1/v1/", "org/m", "http://[::1]:1/v1"),
        ("@cf/org/m@http://127.0.0.1:1/v1", "@cf/org/m", "http://127.0.0.1:1/v1"),
        ("m@2024@http://127.0.0.1:1/v1/chat/completions", "m@2024", "http://127.0.0.1:1/v1"),
    ],
)
def test_addresses(rest, model, url):
    address = read("openai", rest)
    assert (address.model, address.url) == (model, url)


@pytest.mark.parametrize(
    "wrong",
    [{"concurrency": 0}, {"rpm": -1}, {"timeout": 0}, {"retries": -1}, {"temperature": 2.5}],
    ids=str,
)
def test_settings_out_of_range(wrong):
    (name,) = wrong
    with pytest.raises(InputError, match=f"openai: {name}: out of range"):
        load("openai:m@http://127.0.0.1:1/v1", Settings(**wrong))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("0", 0.0), ("-3", 0.0), ("inf", None), ("nan", None), ("", None), ("later", None)],
)
def test_retry_after(header, seconds):
    assert retry_after({"retry-after": header}) == seconds


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        (None, ""),
        ("  I hear you. ", "I hear you."),
        ("<think>\nSad.\n</think>\n\nI hear you.", "I hear you."),
        ("<think></think>I hear you.", "I hear you."),
        ("Sad.\n</think>\nI hear you.", "I hear you."),  # the template wrote the opening tag
        ("<think>Sad", ""),
        ("I <think> so.</think>", "I <think> so.</think>"),  # not leading: part of the reply
    ],
)
def test_clean(text, reply):
    assert clean(text) == reply
