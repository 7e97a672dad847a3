"""``emp chat``: talk to a recipe's model."""

from __future__ import annotations

import contextlib
import dataclasses
import math
from pathlib import Path
from typing import Any

import click

from emp_tooling.chat.setup import Setup, attributes

EXAMPLES = """\b
Examples:
  emp chat recipes/tiny_grpo_empathy.yml
  emp chat my.yml --user diagnosis=MDD --user severity=Moderate --locale en-GB
  emp chat my.yml --endpoint my-model@http://127.0.0.1:8000/v1 --web
"""


@click.command("chat", epilog=EXAMPLES)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option(
    "--adapter",
    type=click.Path(path_type=Path),
    help="Folder of the adapter, or of a merged model; without it what the recipe trained.",
)
@click.option("--endpoint", metavar="MODEL@URL", help="A server that has the model.")
@click.option(
    "--user",
    multiple=True,
    metavar="NAME=VALUE",
    help="What is known of the client: diagnosis=… or severity=…; may be given twice.",
)
@click.option("--locale", help="Whose crisis resources to show, such as en-GB.")
@click.option("--reasoning/--no-reasoning", default=True, help="Show the model's reasoning too.")
@click.option(
    "--temperature",
    type=click.FloatRange(min=0),
    callback=lambda _, __, value: _finite(value),
    help="0 takes the likeliest token.",
)
@click.option("--max-new-tokens", type=click.IntRange(min=1), help="Longest reply.")
@click.option("--seed", type=int, help="Makes the replies repeatable.")
@click.option(
    "--load", type=click.Path(path_type=Path), help="Go on with a conversation that was saved."
)
@click.option("--web", is_flag=True, help="Talk in a browser.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that --web serves.")
@click.option(
    "--port",
    default=7860,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port of --web; 0 for one that is free.",
)
def command(load: Path | None, web: bool, host: str, port: int, **options: Any) -> None:
    """Talk to a recipe's model, in the terminal or in a browser.

    The system prompt, the state header and the chat template are those of the training. What the
    client discloses is read on the way; at a sign of risk crisis resources are shown. A research
    aid, not a medical device, and not for people in need.
    """
    if web:
        _serve(host, port, load, options)
    else:
        _talk(load, options)


def _finite(value: float | None) -> float | None:
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no temperature")
    return value


def _talk(load: Path | None, options: dict[str, Any]) -> None:
    from rich.console import Console

    from emp_tooling.chat.terminal.session import Session
    from emp_tooling.models.hush import hushed

    with contextlib.suppress(ImportError):  # line editing, where the platform has it
        import readline  # noqa: F401

    console = Console()
    with hushed(), contextlib.closing(_setup(load, console, **options)) as setup:
        with contextlib.suppress(KeyboardInterrupt):  # a second one, faster than the prompt
            Session(setup, console).run()


def _serve(host: str, port: int, load: Path | None, options: dict[str, Any]) -> None:
    from rich.console import Console

    from emp_tooling.chat.web.server import LOOPBACK, bind, serve
    from emp_tooling.models.hush import hushed

    bound = bind(host, port)  # before the model is loaded, which takes long
    console = Console(stderr=True)
    if host not in LOOPBACK:
        click.echo(
            f"warning: {host} can be reached from other machines, and there is no password: "
            "whoever reaches it can talk to the model",
            err=True,
        )
    with hushed(), contextlib.closing(_setup(load, console, **options)) as setup:
        serve(setup, bound, host)


def _setup(
    load: Path | None,
    console: Any,
    *,
    recipe: Path,
    adapter: Path | None,
    endpoint: str | None,
    user: tuple[str, ...],
    locale: str | None,
    reasoning: bool,
    temperature: float | None,
    max_new_tokens: int | None,
    seed: int | None,
) -> Setup:
    from emp_plugins.config import EmpathyConfig
    from emp_plugins.monitor.prompts import header_style
    from emp_plugins.safety import resources
    from emp_tooling.chat import answering, transcript
    from emp_tooling.models.sampling import Sampling
    from emp_tooling.recipe import read_recipe

    known = attributes(user)
    loaded = transcript.load(load) if load else None
    if loaded and loaded.broken:
        noun = "line" if loaded.broken == 1 else "lines"
        click.echo(f"note: {load}: {loaded.broken} half-written {noun} skipped", err=True)
    content = read_recipe(recipe)
    given = {"temperature": temperature, "max_new_tokens": max_new_tokens}
    sampling = dataclasses.replace(
        Sampling.from_recipe(content, recipe),
        **{name: value for name, value in given.items() if value is not None},
    )
    with console.status(f"loading {endpoint or adapter or recipe}"):
        from emp_tooling.inference import EmpathyInference
        from emp_tooling.inference.reader import settings

        inference = EmpathyInference(
            recipe, adapter, endpoint=endpoint, user=known, locale=locale, sampling=sampling
        )
    config = EmpathyConfig.from_recipe(content) or EmpathyConfig()
    begun: dict[str, Any] = {}
    if loaded:
        told = answering.with_states(inference, loaded.conversation)
        begun = {"begun": told, "unanswered": loaded.unanswered}
    return Setup(
        inference,
        name=str(endpoint or adapter or recipe),
        resources=resources(locale or settings(config).locale),
        style=header_style(content),
        reasoning=reasoning,
        seed=seed,
        **begun,
    )
