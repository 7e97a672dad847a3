"""MODEL@URL, and the key."""

import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.endpoint.place import Place

READ = [
    ("m@http://127.0.0.1:8000/v1", "m", "http://127.0.0.1:8000/v1"),
    ("a/b@c@https://host/v1/", "a/b@c", "https://host/v1"),
    ("m@http://[::1]:8000/v1/chat/completions", "m", "http://[::1]:8000/v1"),
]


@pytest.mark.parametrize(("text", "model", "url"), READ)
def test_reading(text, model, url):
    place = Place.read(text)
    assert (place.model, place.url) == (model, url)
    assert place.name == f"{model}@{url}"


WRONG = [
    ("m", "expected MODEL@URL"),
    ("@http://h/v1", "expected MODEL@URL"),
    ("m@localhost:8000", "expected MODEL@URL"),  # no scheme
    ("m@ftp://h/v1", "expected http://HOST:PORT/v1"),
    ("m@http:///v1", "expected http://HOST:PORT/v1"),
    ("m@http://h:x/v1", "expected http://HOST:PORT/v1"),
    ("m@http://h/v1?key=1", "expected http://HOST:PORT/v1"),
    ("m@http://u:hunter2@h/v1", "no user name or password"),
]


@pytest.mark.parametrize(("text", "line"), WRONG)
def test_what_is_none(text, line):
    with pytest.raises(InputError) as caught:
        Place.read(text)
    assert line in str(caught.value) and "hunter2" not in str(caught.value)


def test_a_key_in_the_place_of_its_variable_is_not_repeated():
    with pytest.raises(InputError, match="name of an environment variable") as caught:
        Place("m", "http://h/v1", "sk-5f0c")
    assert "sk-5f0c" not in str(caught.value)


@pytest.mark.parametrize("key", ["sk-1\n2", "sk-é"])
def test_a_stray_character_in_a_key(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    with pytest.raises(InputError, match="the key in OPENAI_API_KEY has a stray character"):
        Place("m", "http://h/v1").headers()
