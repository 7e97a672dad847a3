"""A model behind any OpenAI-compatible endpoint: vLLM, transformers serve, llama.cpp, OpenAI."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from emp_plugins.errors import InputError
from emp_tooling.models import Messages, OnReply, Progress, quiet, unheard
from emp_tooling.models.endpoint.place import KEY_ENV, Place
from emp_tooling.models.sampling import Sampling

__all__ = ["EndpointDown", "EndpointModel"]


class EndpointDown(InputError):
    """The endpoint gave no reply however often it was asked; those it gave were reported."""


class EndpointModel:
    """A model behind an endpoint.

    Requests run side by side. One that meets a lost connection, a timeout, status 408, 409, 425,
    429 or one from 500 on, or an answer that is no chat completion, is sent again after a growing
    pause with a random part; Retry-After is honoured up to ten minutes. Where a content filter
    holds a reply back, that reply is empty. Redirects are not followed, and loopback addresses are
    reached through no proxy.

    Privacy: the conversations are sent to the URL. They stay on this machine only where that is a
    loopback address.

    Attributes:
        name: ``MODEL@URL``.

    Example:
        ```python
        model = EndpointModel.at("aligned@http://127.0.0.1:8000/v1")
        replies = model.reply(prompts, on_reply=journal.write)
        ```
    """

    def __init__(
        self,
        model: str,
        base_url: str,
        key_env: str = KEY_ENV,
        *,
        concurrency: int = 8,
        timeout_s: float = 120.0,
        retries: int = 5,
        sampling: Sampling | None = None,
    ) -> None:
        """Connects to nothing yet.

        Args:
            model: As the endpoint names it.
            base_url: ``http://HOST:PORT/v1`` or ``https://HOST/v1``.
            key_env: Environment variable with the key; none is sent where it is unset.
            concurrency: Requests under way at a time, at least 1.
            timeout_s: Seconds that a whole reply may take, or in a stream its next piece.
            retries: Further attempts at a reply.
            sampling: How tokens are drawn.

        Raises:
            InputError: The URL or ``key_env`` cannot be used, or a package is not installed.
        """
        place = Place(model, base_url, key_env)
        try:
            from emp_tooling.models.endpoint.asking import Asking
        except ImportError as error:
            raise InputError(
                f"{error.name} is missing: pip install 'empathy-recipes[datagen,judges]'"
            ) from None
        self._asking = Asking(place, sampling or Sampling(), timeout_s, retries)
        self._concurrency = concurrency
        self.name = place.name

    @classmethod
    def at(cls, endpoint: str, key_env: str = KEY_ENV, **options: Any) -> EndpointModel:
        """The model at ``MODEL@URL``.

        Args:
            endpoint: Such as ``aligned@http://127.0.0.1:8000/v1``.
            key_env: See the class.
            **options: See the class.

        Returns:
            The model.

        Raises:
            InputError: See the class.
        """
        place = Place.read(endpoint, key_env)
        return cls(place.model, place.url, key_env, **options)

    def reply(
        self,
        prompts: Sequence[Messages],
        *,
        seed: int = 0,
        progress: Progress = quiet,
        on_reply: OnReply = unheard,
    ) -> list[str]:
        """Samples one reply to each prompt, see ``Model.reply``.

        Each request has a seed of its own, made of ``seed`` and the conversation, so that some of
        the prompts get alone what they get among all. ``progress`` and ``on_reply`` are called from
        another thread, one call at a time.

        Raises:
            EndpointDown: A reply did not come. No new requests were sent, and those under way were
                waited for.
            InputError: The endpoint refuses the key, the model or the request.
        """
        from emp_tooling.models.endpoint.batch import Batch

        replies: dict[int, str] = {}

        def done(index: int, text: str) -> None:
            replies[index] = text
            on_reply(index, text)
            progress(len(replies), len(prompts))

        failed = Batch(self._asking, self._concurrency, done).run(prompts, seeds(prompts, seed))
        if failed is not None:
            raise self._told(failed, f"; {len(replies)} of {len(prompts)} replies came")
        return [replies[index] for index in range(len(prompts))]

    def stream(self, messages: Messages, *, seed: int | None = None) -> Iterator[str]:
        """Samples one reply piece by piece, see ``Model.stream``.

        Raises:
            EndpointDown: No reply began, or it broke off.
            InputError: The endpoint refuses the key, the model or the request.
        """
        from emp_tooling.models.endpoint.asking import Busy
        from emp_tooling.models.endpoint.live import stream

        try:
            yield from stream(self._asking, messages, seed)
        except Busy as busy:
            raise self._told(busy, "") from None

    def close(self) -> None:
        """Frees nothing: connections end with each call."""

    def _told(self, failed: Exception, done: str) -> Exception:
        from emp_tooling.models.endpoint.asking import Busy

        if not isinstance(failed, Busy):
            return failed
        attempts = self._asking.retries + 1
        return EndpointDown(f"{self.name}: no reply in {attempts} attempts, last: {failed}{done}")


def seeds(prompts: Sequence[Messages], seed: int) -> list[int]:
    """A seed for each request.

    Args:
        prompts: The conversations.
        seed: The run's.

    Returns:
        Numbers below 2 ** 31; the n-th of equal conversations always gets the same one.
    """
    met: Counter[str] = Counter()
    found = []
    for prompt in prompts:
        said = json.dumps([[each["role"], each["content"]] for each in prompt])
        digest = hashlib.sha256(f"{seed}:{met[said]}:{said}".encode()).digest()
        found.append(int.from_bytes(digest[:4], "big") >> 1)
        met[said] += 1
    return found
