"""Other ways to send the same requests; each is run in a process of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

import click

from emp_tooling.benchmarks.datagen.prompts import Asked, read

SAMPLING = {"max_tokens": 512, "temperature": 0.9}
"""As `emp-datagen` asks."""

Pairs = Sequence[tuple[Asked, Asked]]


def bare(url: str, pairs: Pairs, concurrency: int) -> int:
    """The SDK in a loop of one's own: a semaphore, and for each pair one request after the other.

    Args:
        url: Of the server.
        pairs: Requests.
        concurrency: Requests under way at a time.

    Returns:
        How many pairs were answered in full.
    """
    import openai

    async def run() -> int:
        slots = asyncio.Semaphore(concurrency)
        async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

            async def ask(one: Asked) -> str:
                async with slots:
                    answer = await client.chat.completions.create(
                        model="bench",
                        messages=one.messages,  # type: ignore[arg-type]
                        **SAMPLING,  # type: ignore[arg-type]
                    )
                return answer.choices[0].message.content or ""

            async def both(pair: tuple[Asked, Asked]) -> bool:
                return bool(await ask(pair[0])) and bool(await ask(pair[1]))

            return sum(await asyncio.gather(*map(both, pairs)))

    return asyncio.run(run())


def distilabel(url: str, pairs: Pairs, concurrency: int) -> int:
    """A distilabel pipeline: rows, a task for the good reply, a task for the one in error.

    Each task is a process of its own with ``concurrency`` requests under way, so there are up to
    twice as many at a time as the others have.
    """
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    def task(name: str) -> TextGeneration:
        kwargs = {"max_new_tokens": SAMPLING["max_tokens"], "temperature": SAMPLING["temperature"]}
        return TextGeneration(
            name=name,
            llm=OpenAILLM(model="bench", base_url=url, api_key="none", generation_kwargs=kwargs),
            input_batch_size=concurrency,
            input_mappings={"system_prompt": f"{name}_system", "instruction": f"{name}_user"},
            output_mappings={"generation": f"{name}_reply", "model_name": f"{name}_model"},
            use_cache=False,
        )

    with tempfile.TemporaryDirectory() as folder:
        with Pipeline(name="bench", cache_dir=folder) as pipeline:
            rows = LoadDataFromDicts(data=[_row(pair) for pair in pairs])
            rows >> task("good") >> task("bad")
        made = pipeline.run(use_cache=False)["default"]["train"]
        return sum(bool(row["good_reply"]) and bool(row["bad_reply"]) for row in made)


def flood(url: str, pairs: Pairs, concurrency: int) -> int:
    """As fast as aiohttp can; for what the server can do."""
    import json

    import aiohttp

    bodies = [
        json.dumps({"model": "bench", "messages": one.messages, **SAMPLING}).encode()
        for pair in pairs
        for one in pair
    ]

    async def run() -> int:
        left, answered = iter(bodies), 0
        headers = {"Content-Type": "application/json"}
        async with aiohttp.ClientSession(headers=headers) as session:

            async def worker() -> None:
                nonlocal answered
                for body in left:
                    async with session.post(f"{url}/chat/completions", data=body) as answer:
                        answered += answer.status == 200 and bool(await answer.read())

            await asyncio.gather(*(worker() for _ in range(concurrency)))
        return answered // 2

    return asyncio.run(run())


def _row(pair: tuple[Asked, Asked]) -> dict[str, str]:
    row = {}
    for name, one in zip(("good", "bad"), pair, strict=True):
        system, user = one.messages
        row |= {f"{name}_system": system["content"], f"{name}_user": user["content"]}
    return row


CLIENTS = {"bare": bare, "distilabel": distilabel, "flood": flood}


@click.command()
@click.argument("client", type=click.Choice(list(CLIENTS)))
@click.argument("url")
@click.argument("work", type=click.Path(path_type=Path))
@click.argument("n", type=int)
@click.argument("concurrency", type=int)
def command(client: str, url: str, work: Path, n: int, concurrency: int) -> None:
    """Sends the first pairs of a file and fails where one was not answered."""
    answered = CLIENTS[client](url, read(work, n), concurrency)
    if answered != n:
        raise click.ClickException(f"{client}: {answered} of {n} pairs were answered")


if __name__ == "__main__":
    command()
