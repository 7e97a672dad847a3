"""A loopback server that speaks OpenAI's protocol and answers after a fixed time.

Runs as a process of its own until its stdin is closed; its first line says its port.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
from aiohttp import web

from emp_tooling.benchmarks.datagen.prompts import key, read


@dataclass
class Tally:
    """What the server has seen; times by `time.monotonic`, 0 before the first request.

    Attributes:
        first: When the first request came.
        last: When the last answer went out.
        answered: Answers.
        unknown: Requests that nobody was to send; they get status 400.
        most: The most requests under way at once.
    """

    first: float = 0.0
    last: float = 0.0
    answered: int = 0
    unknown: int = 0
    most: int = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answered / (self.last - self.first)


class Server:
    """Answers known requests.

    Args:
        bodies: Key of a request's messages to the body of its answer.
    """

    def __init__(self, bodies: dict[str, bytes]) -> None:
        self._bodies = bodies
        self._delay = 0.0
        self._at_once = 0
        self._tally = Tally()

    async def complete(self, request: web.Request) -> web.Response:
        """Answers a chat completion."""
        tally = self._tally
        tally.first = tally.first or time.monotonic()
        self._at_once += 1
        tally.most = max(tally.most, self._at_once)
        try:
            body = self._bodies.get(key(json.loads(await request.read())["messages"]))
            if body is None:
                tally.unknown += 1
                return web.json_response({"error": {"message": "unknown"}}, status=400)
            if self._delay:
                await asyncio.sleep(self._delay)
            return web.Response(body=body, content_type="application/json")
        finally:
            self._at_once -= 1
            tally.answered += 1
            tally.last = time.monotonic()

    async def tally(self, request: web.Request) -> web.Response:
        """Says what was seen, begins anew, and from now on waits as long as it is told."""
        seen, self._tally = self._tally, Tally()
        self._delay = float(request.query["delay"])
        return web.json_response(asdict(seen))


def completion(text: str) -> dict[str, Any]:
    """A chat completion with one choice."""
    words = text.count(" ") + 1
    return {
        "id": "bench",
        "object": "chat.completion",
        "created": 1,
        "model": "bench",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 500, "completion_tokens": words, "total_tokens": 500 + words},
    }


async def serve(server: Server) -> None:
    """Serves until stdin is closed."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", server.complete)
    app.router.add_get("/tally", server.tally)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print(json.dumps(runner.addresses[0][1]), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


@click.command()
@click.argument("work", type=click.Path(path_type=Path))
def command(work: Path) -> None:
    """Serves the answers of a file that `prompts.write` wrote."""
    asked = [one for pair in read(work) for one in pair]
    bodies = {key(one.messages): json.dumps(completion(one.reply)).encode() for one in asked}
    asyncio.run(serve(Server(bodies)))


if __name__ == "__main__":
    command()
