"""Options that the verbs share, in the groups in which the help shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from emp_datagen.commands.config import config_option

FILE = click.Path(path_type=Path)
Decorator = Callable[[Any], Any]


def _all(*options: Decorator) -> Decorator:
    def decorate(function: Any) -> Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def _flag(name: str, help_: str, **more: Any) -> Decorator:
    return click.option(name, is_flag=True, help=help_, **more)


def _number(name: str, default: Any, help_: str, least: float = 0, most: Any = None) -> Decorator:
    kind = click.IntRange if isinstance(default, int) else click.FloatRange
    return click.option(
        name, type=kind(least, most), default=default, show_default=True, help=help_
    )


def clients(n: int, out: str, turns: int = 1) -> Decorator:
    """Options that say which clients a file is about.

    Args:
        n: Rows where ``--n`` is not given.
        out: File where ``--out`` is not given.
        turns: The most turns where ``--turns`` is not given.

    Returns:
        A decorator for a click command.
    """
    return _all(
        config_option,
        click.option(
            "--personas",
            multiple=True,
            default=("all",),
            show_default=True,
            metavar="NAMES",
            help="Persona, comma list of them, or all; can be repeated.",
        ),
        click.option("--persona-dir", type=FILE, help="Folder with more persona files (*.yml)."),
        _number("--n", n, "Rows.", least=1),
        click.option(
            "--out",
            type=FILE,
            default=out,
            show_default=True,
            help="File to write: .jsonl, or .parquet.",
        ),
        click.option(
            "--seed", type=int, default=0, show_default=True, help="The same seed, the same bytes."
        ),
        click.option(
            "--split",
            type=click.Choice(["train", "dev", "heldout", "all"]),
            default="train",
            show_default=True,
            help="Situations and phrases: choose settings on dev, never on heldout.",
        ),
        click.option(
            "--risk-share",
            type=click.FloatRange(0, 1),
            help="Share of clients at risk level 2 or more; without it the personas' own.",
        ),
        click.option(
            "--header",
            type=click.Choice(["full", "short", "none"]),
            default="full",
            show_default=True,
            help="State header over the client's last message.",
        ),
        click.option(
            "--format",
            "format_",
            type=click.Choice(["conversational", "standard"]),
            default="conversational",
            show_default=True,
            help="Chat messages or plain strings.",
        ),
        _number("--turns", turns, "The most turns that a client has.", least=1, most=20),
        _number("--cut", 0, "Ask for the reply at this turn; 0 draws one.", most=20),
    )


def structure() -> Decorator:
    """Options for the form of replies."""
    return _all(
        _flag("--structure", "Put replies in reasoning and answer tags."),
        click.option(
            "--template",
            type=FILE,
            help="Template of the recipe, or the recipe itself; implies --structure.",
        ),
    )


def errors() -> Decorator:
    """The option for which clinical errors occur."""
    return click.option(
        "--errors",
        multiple=True,
        metavar="NAMES",
        help="Clinical errors, a comma list; can be repeated. Without it all take turns.",
    )


def teachers() -> Decorator:
    """Options for who writes and how they are asked."""
    return _all(
        click.option(
            "--teacher",
            default="scripted",
            show_default=True,
            metavar="MODEL",
            help="scripted, openai:MODEL@URL, anthropic:MODEL, hf:PATH or vllm:MODEL.",
        ),
        click.option(
            "--client", default="", metavar="MODEL", help="Who plays the client, if another."
        ),
        _number("--concurrency", 8, "Requests under way at a time.", least=1),
        _number("--rpm", 0, "Requests a minute at most; 0: no limit."),
        _number("--tpm", 0, "Tokens a minute at most; 0: no limit."),
        _number("--timeout", 120.0, "Seconds until a request is given up.", least=0.1),
        _number("--retries", 5, "How often a failed request is sent again."),
        _number("--temperature", 0.9, "Of sampling.", most=2.0),
        _number("--max-tokens", 512, "Of one reply.", least=1),
        click.option("--prompt-dir", type=FILE, help="Folder with your own prompt templates."),
        click.option("--bank", type=FILE, help="Folder with your own strategies or errors."),
        click.option(
            "--price",
            metavar="IN,OUT",
            default="",
            help="Price of a million tokens sent and received, for the estimate.",
        ),
        _number("--max-cost", 0.0, "Refuse or stop a run that costs more; needs --price."),
    )


def judges(min_margin: float, max_length_ratio: float) -> Decorator:
    """Options for the automated judge; which judges there are says ``judges:`` in --config."""
    return _all(
        _flag("--no-judge", "Keep every pair; nothing is scored."),
        click.option(
            "--judge", default="", metavar="MODEL@URL", help="Add a language model as a judge."
        ),
        _number("--min-margin", min_margin, "How much better than rejected chosen must be."),
        _number(
            "--max-length-ratio",
            max_length_ratio,
            "How much longer one reply may be than the other, in words.",
            least=1,
        ),
    )


def running() -> Decorator:
    """Options for how the run is carried out; none changes a row."""
    return _all(
        _flag("--resume", "Try the failed rows of a finished run again."),
        _flag("--overwrite", "Replace a file that exists, and begin anew."),
        click.option(
            "--exclude",
            multiple=True,
            type=FILE,
            help="Drop rows whose texts are much like one in this file; can be repeated.",
        ),
        _number("--workers", 1, "Processes; on Ray, tasks.", least=1),
        click.option(
            "--ray",
            is_flag=False,
            flag_value="local",
            default="",
            metavar="[ADDRESS]",
            help="Run the workers on a Ray cluster; without an address on this machine.",
        ),
        _number("--preview", 0, "Print this many rows and write nothing."),
    )
