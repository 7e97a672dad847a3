"""How an endpoint is asked: the request, its connection, and when it is sent again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import tenacity

from emp_datagen.teachers.failures import Busy
from emp_plugins.messages import fold_system
from emp_tooling.models import Messages
from emp_tooling.models.endpoint import protocol
from emp_tooling.models.endpoint.place import Place
from emp_tooling.models.sampling import Sampling

__all__ = ["Asking", "Busy"]

FIRST_BACKOFF_S, LONGEST_BACKOFF_S = 0.5, 30.0
"""Of the sure half of a pause, which doubles each time; up to as much again is random."""

LONGEST_WAIT_S = 600.0
"""What a Retry-After header can ask for at most."""


@dataclass
class Asking:
    """How one endpoint is asked.

    Attributes:
        place: Where it is.
        sampling: How tokens are drawn.
        timeout_s: Seconds that an attempt may take.
        retries: Further attempts.
        folds: Whether the system message goes into the first message of the client, because the
            model's chat template refuses it; found out by the first refusal.
    """

    place: Place
    sampling: Sampling
    timeout_s: float
    retries: int
    folds: bool = field(default=False, init=False)

    @property
    def url(self) -> str:
        """Where requests go."""
        return f"{self.place.url}/chat/completions"

    @property
    def connection(self) -> dict[str, Any]:
        """Settings of a client; reads the key now.

        Raises:
            InputError: The key has a stray character.
        """
        return {"headers": self.place.headers(), "trust_env": not self.place.is_loopback}

    def body(self, messages: Messages, seed: int | None, *, stream: bool = False) -> str:
        """The request for one reply."""
        fields = self.sampling.for_endpoint() | ({} if seed is None else {"seed": seed})
        said = fold_system(messages) if self.folds else messages
        return protocol.request(self.place, said, fields, stream)

    def failure(self, status: int, headers: Mapping[str, str], text: str) -> Exception:
        """What to raise for a response other than 200.

        A refused system message is worth another attempt, with that message folded.
        """
        found = protocol.failure(status, headers, text, self.place)
        if isinstance(found, protocol.SystemRefused):
            if self.folds:
                return Busy(f"status {status}")
            self.folds = True
            return Busy("the model takes no system message", 0.0)
        return found

    @property
    def again(self) -> dict[str, Any]:
        """Settings of tenacity's loops, whose exception is the last attempt's."""
        return {
            "stop": tenacity.stop_after_attempt(self.retries + 1),
            "wait": _pause,
            "retry": tenacity.retry_if_exception_type(Busy),
            "reraise": True,
        }


def lost(error: httpx.RequestError) -> Busy:
    """What a connection's failure means."""
    return Busy(f"no connection ({type(error).__name__})")


def _pause(state: tenacity.RetryCallState) -> float:
    growing = {"multiplier": FIRST_BACKOFF_S, "max": LONGEST_BACKOFF_S}
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "wait_s", None)
    # Random, so that those who failed together do not return together.
    chance = tenacity.wait_random_exponential(**growing)(state)
    if asked is None:
        return tenacity.wait_exponential(**growing)(state) + chance
    return min(asked, LONGEST_WAIT_S) + (min(chance, 0.2) if asked else 0.0)
