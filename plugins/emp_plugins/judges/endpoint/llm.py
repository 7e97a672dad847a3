"""A language model as a judge, behind any OpenAI-compatible endpoint.

Privacy: the client's text is sent to ``base_url``. It stays on this machine only where that is a
loopback address (``vllm serve``, ``transformers serve``, Ollama, llama.cpp); anywhere else it
leaves the machine, so make sure that the client's consent and your agreement with the provider
cover that.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationInfo, field_validator

from emp_plugins.errors import InputError
from emp_plugins.judges.endpoint import prompt
from emp_plugins.judges.endpoint.client import (
    WHERE,
    Busy,
    Refused,
    complete,
    connect,
    is_loopback,
)
from emp_plugins.judges.endpoint.rubric import Rubric, load
from emp_plugins.judges.endpoint.verdict import Unreadable, Verdict, read

REMEMBERED = 16_384
"""Verdicts that are kept; the oldest are forgotten first."""

FIRST_WAIT_S, LONGEST_BACKOFF_S, LONGEST_WAIT_S = 0.5, 8.0, 60.0
"""Backoff doubles from the first to the longest; Retry-After is honoured up to the last."""

LAST_REASONS = 3
"""How many reasons the error of a stopped run names."""

Share = Annotated[float, Strict(), Field(ge=0, lt=1)]
Count = Annotated[int, Strict(), Field(ge=0)]


class Spec(BaseModel):
    """Settings of the judge. The key itself never stands here, only the variable that holds it."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    backend: Literal["openai"] = Field(description="openai: any OpenAI-compatible endpoint.")
    base_url: str = Field(description="For example http://127.0.0.1:8000/v1; https or loopback.")
    model: str = Field(min_length=1, description="Model name as the endpoint knows it.")
    rubric: str = Field("empathy", description="A shipped rubric's name, or the path of a file.")
    api_key_env: str = Field(
        "OPENAI_API_KEY",
        repr=False,
        description="Environment variable with the key; none is sent where it is unset.",
    )
    timeout_s: float = Field(60.0, gt=0, description="Seconds for one attempt, first to last byte.")
    max_retries: int = Field(
        4, ge=0, le=20, description="Further attempts a sample, whatever went wrong."
    )
    concurrency: int = Field(8, ge=1, le=256, description="Requests under way at a time.")
    max_failures: Count | Share = Field(
        0.2,
        description="Samples of a call that may lack a verdict: share below 1, or whole count.",
    )
    temperature: float | None = Field(0.0, ge=0, le=2, description="null leaves it to the server.")
    max_tokens: int | None = Field(
        512, ge=1, description="Length of an answer; more or null for models that think first."
    )
    seed: int | None = Field(None, description="Sampling seed, where the endpoint takes one.")
    allow_http: bool = Field(
        False,
        validate_default=True,
        description="Send client text unencrypted to another machine; off for privacy.",
    )

    @field_validator("base_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("expected a URL such as http://127.0.0.1:8000/v1")
        if parts.username is not None or parts.query or parts.fragment:
            raise ValueError("expected scheme, host, port and path; the key goes into api_key_env")
        return url

    @field_validator("allow_http")
    @classmethod
    def _is_private(cls, allowed: bool, info: ValidationInfo) -> bool:
        url = info.data.get("base_url", "https:")
        if not (allowed or url.lower().startswith("https:") or is_loopback(url)):
            raise ValueError(
                "plain http to another machine would expose client text; give base_url with https, "
                "or allow_http: true on a network that you trust"
            )
        return allowed


class LLMJudge:
    """Verdicts of a language model by a rubric.

    Each sample is tried up to ``1 + max_retries`` times: after a timeout, a lost connection or a
    status 408, 409, 425, 429 or 5xx with exponential backoff and jitter (Retry-After is honoured up
    to a minute), after an answer without a verdict with a short correction. A sample that gets none
    is None, never 0. At temperature 0, verdicts are remembered and equal samples asked once; what
    failed is asked again on the next call.

    Attributes:
        range: Lowest and highest score, (0, 1).
        rubric: What is judged.
        failures: Samples without a verdict so far, over all calls.
        requests: Samples asked so far; remembered and repeated ones cost nothing.

    Args:
        spec: The endpoint.
        rubric: What to judge.
    """

    range = (0.0, 1.0)

    def __init__(self, spec: Spec, rubric: Rubric) -> None:
        self.rubric = rubric
        self.failures = 0
        self.requests = 0
        self._spec = spec
        self._known: dict[prompt.Dialogue, Verdict] = {}

    def score(self, dialogues: Sequence[Sequence[str]]) -> list[float | None]:
        """Scores replies.

        Args:
            dialogues: N times client's text and reply, or client's text, reply and earlier turns.

        Returns:
            One number in [0, 1] each, or None where the model gave no verdict.

        Raises:
            InputError: See ``verdicts``.
        """
        return [verdict.score for verdict in self.verdicts(dialogues)]

    def verdicts(self, dialogues: Sequence[Sequence[str]]) -> list[Verdict]:
        """Judges replies. May be called where an event loop is running: it uses its own.

        Args:
            dialogues: As for ``score``.

        Returns:
            One verdict each, with the marks and the model's reason.

        Raises:
            InputError: The endpoint rejects key, model or request, or more samples than
                ``max_failures`` have no verdict; quotes nothing of the dialogues.
            TypeError: An item is no sequence of two or three strings.
        """
        items = [_dialogue(item) for item in dialogues]
        found = {item: self._known[item] for item in items if item in self._known}
        missing = Counter(item for item in items if item not in found)
        if missing:
            found |= self._judge(missing, len(items))
        return [found[item] for item in items]

    def _judge(self, missing: Counter[prompt.Dialogue], size: int) -> dict[Any, Verdict]:
        from anyio.from_thread import start_blocking_portal

        self.requests += len(missing)
        batch = _Batch(self._spec, self.rubric, missing, size)
        try:
            with start_blocking_portal() as portal:
                portal.call(batch.run)
        finally:
            self.failures += batch.failed
            if self._spec.temperature == 0:
                self._remember(batch.verdicts)
        return batch.verdicts

    def _remember(self, verdicts: dict[prompt.Dialogue, Verdict]) -> None:
        self._known |= {key: item for key, item in verdicts.items() if item.score is not None}
        for oldest in list(self._known)[: max(len(self._known) - REMEMBERED, 0)]:
            del self._known[oldest]


class _Batch:
    """The requests of one call."""

    def __init__(
        self, spec: Spec, rubric: Rubric, samples: Counter[prompt.Dialogue], size: int
    ) -> None:
        self.verdicts: dict[prompt.Dialogue, Verdict] = {}
        self.failed = 0
        self._spec, self._rubric, self._samples, self._size = spec, rubric, samples, size
        self._reasons: list[str] = []
        self._fatal: Exception | None = None

    async def run(self) -> None:
        import anyio

        turn = anyio.Semaphore(self._spec.concurrency)
        async with connect(self._spec) as client, anyio.create_task_group() as group:
            for item in self._samples:
                group.start_soon(self._one, item, client, turn, group.cancel_scope)
        if self._fatal is not None:
            raise self._fatal

    async def _one(self, item: prompt.Dialogue, client: Any, turn: Any, scope: Any) -> None:
        async with turn:
            try:
                self.verdicts[item] = verdict = await self._ask(item, client)
                if verdict.score is None:
                    self._count(item, verdict.failure)
            except Exception as error:  # a task group would wrap it
                self._fatal = self._fatal or error
                scope.cancel()

    def _count(self, item: prompt.Dialogue, reason: str) -> None:
        self.failed += self._samples[item]
        self._reasons.append(reason)
        limit = self._spec.max_failures
        if self.failed > (limit if isinstance(limit, int) else limit * self._size):
            last = "; ".join(dict.fromkeys(self._reasons[-LAST_REASONS:]))
            raise InputError(
                f"{WHERE}: {self.failed} of {self._size} samples have no verdict, which is more "
                f"than max_failures: {limit} allows; last: {last}; check "
                f"that {self._spec.model!r} at {self._spec.base_url} answers and can follow the "
                "rubric"
            )

    async def _ask(self, item: prompt.Dialogue, client: Any) -> Verdict:
        import anyio

        messages = prompt.messages(self._rubric, item)
        failure = ""
        for attempt in range(self._spec.max_retries + 1):
            answer, wait = "", 0.0
            try:
                answer = await complete(client, self._spec, messages)
                return read(answer, self._rubric)
            except Refused as error:
                return Verdict(None, failure=str(error))
            except Unreadable as error:
                failure = str(error)
                messages = prompt.messages(self._rubric, item) + prompt.correction(answer, failure)
            except Busy as error:
                failure, wait = str(error), _wait(attempt, error.wait_s)
            if attempt < self._spec.max_retries:
                await anyio.sleep(wait)
        return Verdict(None, failure=failure)


def from_spec(spec: Spec) -> LLMJudge:
    """Makes the judge that ``judges.load`` keeps; sends nothing yet.

    Args:
        spec: The endpoint.

    Returns:
        The judge.

    Raises:
        InputError: The rubric cannot be used, ``api_key_env`` is no variable's name, or httpx is
            not installed.
    """
    try:
        import httpx  # noqa: F401
    except ImportError:
        raise InputError("httpx is missing: pip install 'empathy-recipes[judges]'") from None
    if not re.fullmatch(r"[A-Za-z_]\w*", spec.api_key_env):
        # Not quoted: it may be the key itself.
        raise InputError(f"{WHERE}.api_key_env: expected the name of an environment variable")
    return LLMJudge(spec, load(spec.rubric))


def _dialogue(item: Sequence[str]) -> prompt.Dialogue:
    texts = () if isinstance(item, str) else tuple(item)
    if len(texts) not in (2, 3) or not all(isinstance(text, str) for text in texts):
        raise TypeError("the judge takes (client, reply) or (client, reply, earlier turns)")
    return texts


def _wait(attempt: int, asked: float | None) -> float:
    if asked is not None:
        return min(asked, LONGEST_WAIT_S)
    longest = min(FIRST_WAIT_S * 2**attempt, LONGEST_BACKOFF_S)
    return random.uniform(longest / 2, longest)
