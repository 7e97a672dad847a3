"""Why the monitor failed: a kind and a place, never the words at hand."""

import json

import pytest

from emp_plugins.errors import InputError
from emp_plugins.monitor.failure import reason


def caught(function):
    with pytest.raises(Exception) as found:
        function()
    return reason(found.value)


def test_a_message_that_may_quote_a_client_is_left_out():
    def reward():
        raise ValueError("I want to end my life")

    told = caught(reward)
    assert told.startswith("ValueError at test_failure.py:") and "life" not in told


def test_the_place_is_the_users_where_a_library_raised_it():
    import httpx

    told = caught(lambda: httpx.get("http://127.0.0.1:1/", timeout=1))
    assert told.startswith("ConnectError at test_failure.py:")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (InputError("judges.llm: no answer from http://x"), "judges.llm: no answer from http://x"),
        (OSError(28, "No space left on device"), "OSError: No space left on device"),
        (OSError("a client said"), "OSError"),  # no number of the system's, so not its words
        (json.JSONDecodeError("no", "what a client said", 0), "JSONDecodeError"),
    ],
)
def test_only_our_own_and_the_systems_words(error, told):
    assert reason(error) == told
