"""``emp mood``: the mood profile of conversations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emp_plugins.errors import InputError

if TYPE_CHECKING:
    from emp_plugins.affect.mood import Mood
    from emp_plugins.config import EmpathyConfig
    from emp_tooling.mood.profiles import Profile

EXAMPLES = """\b
Examples:
  emp mood                                   # the ten turns that come with the package
  emp mood chat.jsonl --png mood.png         # what /save of emp chat wrote
  emp mood weeks/*.jsonl --html mood.html    # many sessions
  emp mood data/dialogues.jsonl --who both --format json
"""


@click.command("mood", epilog=EXAMPLES)
@click.argument("files", nargs=-1, metavar="FILE...", type=click.Path(path_type=Path))
@click.option(
    "--recipe",
    type=click.Path(path_type=Path),
    help="Whose judges, matrix and thresholds to use; the embedded judges without it.",
)
@click.option("--embedded", is_flag=True, help="The embedded judges, whatever the recipe names.")
@click.option(
    "--who",
    type=click.Choice(["client", "reply", "both"]),
    default="client",
    show_default=True,
    help="Whose turns.",
)
@click.option(
    "--window",
    default=3,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many turns the rolling mean and the trend look back.",
)
@click.option("--png", type=click.Path(path_type=Path), help="Also draw a picture.")
@click.option("--html", type=click.Path(path_type=Path), help="Also write a page.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What to print.",
)
@click.option("--quote", is_flag=True, help="Show the messages too; without it no text is shown.")
def command(
    files: tuple[Path, ...],
    recipe: Path | None,
    embedded: bool,
    who: str,
    window: int,
    png: Path | None,
    html: Path | None,
    format_: str,
    quote: bool,
) -> None:
    """Show the mood profile of conversations.

    Reads JSONL: a message a line (role, content; session, time, turn, state or affect where they
    are known), or a conversation a line (messages, or prompt and completion). Of each turn it shows
    the four dimensions, polarity with its rolling mean and trend, the risk category and, for
    clients, the risk disclosed. A research aid, not a medical device.
    """
    from emp_tooling.mood.profiles import across, profiles
    from emp_tooling.mood.sessions import example, read_sessions
    from emp_tooling.mood.words import source

    read = read_sessions(files or (example(),))
    _say(read.broken, "half-written line", "skipped")
    config = _config(recipe, embedded)
    sides = ("client", "reply") if who == "both" else (who,)
    try:
        found = profiles(read.sessions, config, who=sides, window=window)
    except ImportError as error:
        raise InputError(f"a judge needs {error}; pip install 'empathy-recipes[judges]'") from None
    if not found:
        raise InputError(
            f"no message of the {who} in {_count(len(read.sessions), 'session')}; see --who"
        )
    silent = {one.name for one in read.sessions} - {one.session for one in found}
    _say(len(silent), "session", f"without a message of the {who}")
    over = across(found, config, window) if len(sides) == 1 else None
    origin = source(found, _judge(config))
    if html is not None:
        from emp_tooling.mood.page import write

        write(html, found, over, source=origin, quote=quote)
    if png is not None:
        _draw(png, found, over)
    if format_ == "json":
        from emp_tooling.mood.record import record

        known = record(found, over, source=origin, broken=read.broken, quote=quote)
        click.echo(json.dumps(known, indent=2))
    else:
        from emp_tooling.mood.terminal import show

        show(found, over, source=origin, quote=quote)
    for path in filter(None, (png, html)):
        click.echo(f"wrote {path}", err=True)


def _config(recipe: Path | None, embedded: bool) -> EmpathyConfig:
    from emp_plugins.config import EmpathyConfig
    from emp_tooling.recipe import read_recipe

    block = {} if recipe is None else read_recipe(recipe).get("empathy")
    if block is None:
        raise InputError(f"{recipe}: no empathy: block")
    if embedded and isinstance(block, dict):
        block = {key: value for key, value in block.items() if key != "judges"}
    return EmpathyConfig.from_block(block)


def _judge(config: EmpathyConfig) -> str:
    spec = config.judge_specs.get("emotion")
    model = getattr(spec, "model", None)
    return f"the judge {model}" if model else "the embedded emotion judge"


def _draw(png: Path, found: Sequence[Profile], over: Mood | None) -> None:
    from emp_tooling.mood.figure import draw

    if left := draw(png, found, over):
        click.echo(f"note: {png} leaves out {left:,} of {len(found):,} profiles", err=True)


def _say(count: int, noun: str, rest: str) -> None:
    if count:
        click.echo(f"note: {_count(count, noun)} {rest}", err=True)


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
