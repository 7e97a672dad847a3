"""distilabel's LLMs for endpoints, with requests that hold only what is meant.

distilabel's own ``agenerate`` validates each call, and its OpenAI request names ten parameters of
which some servers refuse several. Importing this module imports distilabel: see `teachers.load`.
"""

from __future__ import annotations

import logging
from typing import Any

from distilabel.models.llms.anthropic import AnthropicLLM
from distilabel.models.llms.base import AsyncLLM
from distilabel.models.llms.openai import OpenAILLM
from distilabel.models.llms.utils import prepare_output
from pydantic import SecretStr

from emp_datagen.teachers.address import NO_KEY, Address
from emp_datagen.teachers.agent import Messages
from emp_datagen.teachers.failures import Busy, Refused

UNREADABLE = "not a chat completion"


class OpenAITeacher(OpenAILLM):
    """Chat completions of an OpenAI-compatible endpoint.

    Attributes:
        connections: The most open connections.
        direct: Use no proxy of the environment.
        token_limit: What the endpoint calls the limit on a reply's tokens.
    """

    connections: int = 8
    direct: bool = False
    token_limit: str = "max_tokens"

    def load(self) -> None:
        """Makes the client; sends nothing."""
        import openai

        AsyncLLM.load(self)
        self._aclient = openai.AsyncOpenAI(
            base_url=self.base_url,
            api_key=self.api_key.get_secret_value(),
            max_retries=0,
            timeout=None,
            http_client=_client(openai, self.connections, self.direct),
        )

    async def agenerate(  # type: ignore[override]
        self,
        input: Messages,
        num_generations: int = 1,
        max_new_tokens: int = 128,
        temperature: float = 1.0,
    ) -> dict[str, Any]:
        """Asks once.

        Args:
            input: Chat messages.
            num_generations: How many texts; some servers ignore it.
            max_new_tokens: The most tokens of each.
            temperature: Of sampling.

        Returns:
            ``{"generations": [...], "statistics": {...}}``; texts can be missing or empty.

        Raises:
            Busy: The answer is no chat completion.
            Refused: A content filter held everything back.
        """
        body = {
            "model": self.model,
            "messages": input,
            self.token_limit: max_new_tokens,
            "temperature": temperature,
            **({"n": num_generations} if num_generations > 1 else {}),
        }
        answer = await self._aclient.post("/chat/completions", cast_to=object, body=body)
        try:
            choices = answer["choices"]
            texts = [_text(one["message"].get("content")) for one in choices]
            filtered = [one.get("finish_reason") == "content_filter" for one in choices]
            usage = answer.get("usage") or {}
            counts = [int(usage.get(f"{name}_tokens") or 0) for name in ("prompt", "completion")]
        except (LookupError, TypeError, AttributeError, ValueError):
            raise Busy(UNREADABLE) from None
        if choices and all(filtered):
            raise Refused("content filter")
        kept = [text for text, held in zip(texts, filtered, strict=True) if not held]
        return prepare_output(kept, input_tokens=counts[:1], output_tokens=counts[1:])


class AnthropicTeacher(AnthropicLLM):
    """Messages of the Anthropic API.

    Attributes:
        connections: The most open connections.
        direct: Use no proxy of the environment.
    """

    connections: int = 8
    direct: bool = False

    def load(self) -> None:
        """Makes the client; sends nothing. Which models there are the API knows best."""
        import anthropic

        AsyncLLM.load(self)
        self._aclient = anthropic.AsyncAnthropic(
            base_url=self.base_url,
            api_key=self.api_key.get_secret_value(),
            max_retries=0,
            timeout=None,
            http_client=_client(anthropic, self.connections, self.direct),
        )

    async def agenerate(  # type: ignore[override]
        self,
        input: Messages,
        num_generations: int = 1,
        max_new_tokens: int = 128,
        temperature: float = 1.0,
    ) -> dict[str, Any]:
        """Asks once; like `OpenAITeacher.agenerate`, but always for one text."""
        system = [message["content"] for message in input if message["role"] == "system"]
        body = {
            "model": self.model,
            "messages": [message for message in input if message["role"] != "system"],
            "max_tokens": max_new_tokens,
            **({"system": "\n\n".join(system)} if system else {}),
            # 1 is the API's default, and some models take no temperature.
            **({"temperature": temperature} if temperature != 1 else {}),
        }
        answer = await self._aclient.post("/v1/messages", cast_to=object, body=body)
        try:
            text = _text(answer["content"])
            usage = answer.get("usage") or {}
            counts = [int(usage.get(f"{name}_tokens") or 0) for name in ("input", "output")]
        except (LookupError, TypeError, AttributeError, ValueError):
            raise Busy(UNREADABLE) from None
        if answer.get("stop_reason") == "refusal":
            raise Refused("content filter")
        return prepare_output([text], input_tokens=counts[:1], output_tokens=counts[1:])


def connect(address: Address, connections: int) -> OpenAITeacher | AnthropicTeacher:
    """Makes the LLM of an address and loads it.

    Args:
        address: Where it is; its key goes into the client's header and nowhere else.
        connections: The most open connections.

    Returns:
        The LLM.
    """
    fields: dict[str, Any] = {
        "model": address.model,
        "base_url": address.url,
        "api_key": SecretStr(address.key or NO_KEY),
        "connections": connections,
        "direct": address.is_loopback,
    }
    if address.kind == "anthropic":
        llm: Any = AnthropicTeacher(**fields)
    else:
        # OpenAI's newer models refuse max_tokens; other servers know nothing else.
        limit = "max_completion_tokens" if address.is_official else "max_tokens"
        llm = OpenAITeacher(**fields, token_limit=limit)
    llm.load()
    # At DEBUG the SDKs log whole requests, which hold client text.
    logging.getLogger(address.kind).setLevel(logging.INFO)
    return llm


def _client(sdk: Any, connections: int, direct: bool) -> Any:
    """The SDK's HTTP client: no redirects, which would carry the key elsewhere, and no deadline.

    The one who asks sets a deadline for the attempt, which a slow trickle cannot outlive.
    """
    default = sdk.DefaultAsyncHttpxClient
    limits = type(sdk.DEFAULT_CONNECTION_LIMITS)(
        max_connections=connections, max_keepalive_connections=connections
    )
    return default(timeout=None, limits=limits, trust_env=not direct, follow_redirects=False)


def _text(content: Any) -> str:
    """A message's text; some servers give a list of parts, of which thinking is one."""
    if isinstance(content, list):
        return "".join(part.get("text") or "" for part in content if part["type"] == "text")
    return content if isinstance(content, str) else ""
