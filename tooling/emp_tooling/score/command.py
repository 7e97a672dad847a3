"""``emp score``: what a recipe's rewards give to replies, and why."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emp_plugins.errors import InputError
from emp_tooling.user_code import importable

if TYPE_CHECKING:
    from emp_tooling.score.replies import Reply

# \b keeps click from joining the lines that follow.
EXAMPLES = """\b
Examples:
  emp score recipes/llama31_grpo_empathy.yml
  emp score my.yml --embedded --client "I failed." --text "That hurts. What happened?"
  emp score my.yml --jsonl data/pairs.jsonl --format json > scores.json
"""


@click.command("score", epilog=EXAMPLES)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--text", multiple=True, help="A reply to score; may be given several times.")
@click.option("--client", help="What the replies of --text answer.")
@click.option(
    "--jsonl",
    type=click.Path(path_type=Path),
    help="Replies, JSONL: client, reply and maybe label (good or bad), group, id and dataset "
    "columns; or rows of emp-datagen.",
)
@click.option("--embedded", is_flag=True, help="Use the embedded judges in place of hub judges.")
@click.option(
    "--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True
)
@click.option("--seed", default=0, show_default=True, help="For reward functions that draw.")
@click.pass_context
def command(
    ctx: click.Context,
    recipe: Path,
    text: tuple[str, ...],
    client: str | None,
    jsonl: Path | None,
    embedded: bool,
    format_: str,
    seed: int,
) -> None:
    """Show what a recipe's rewards give to replies, and why.

    Scores the replies of --text or --jsonl, or else the examples that come with the package. Bare
    replies are put into the recipe's template, so that they are scored for what they say; a reply
    with the template's tags is taken as it is. The total is the weighted sum; a reward without a
    value (–) adds nothing. Each reply is scored by itself, not against the others of its group.

    Exit status 1: a reply marked good does not score above every bad one of its group.
    """
    replies = _replies(text, client, jsonl)
    with importable():
        from emp_tooling.recipe import read_recipe
        from emp_tooling.score.order import describe, inversions
        from emp_tooling.score.scored import score
        from emp_tooling.suites.build import from_recipe

        content = read_recipe(recipe)
        if content.get("empathy") is None:
            raise InputError(f"{recipe}: no empathy: block, so there are no rewards to score with")
        suite = from_recipe(content, recipe, embedded=embedded)
        for note in suite.notes:
            click.echo(f"note: {note}", err=True)
        _seed(seed)
        scored = score(suite, replies)
    wrong = inversions(scored)
    if format_ == "json":
        from emp_tooling.score.json_report import report

        click.echo(json.dumps({"recipe": str(recipe), **report(scored, wrong)}, indent=2))
    else:
        from emp_tooling.score.table import show

        show(scored, wrong)
    for item in wrong:
        click.echo(describe(item, scored), err=True)
    ctx.exit(1 if wrong else 0)


def _replies(text: tuple[str, ...], client: str | None, jsonl: Path | None) -> list[Reply]:
    from emp_tooling.score import replies

    if text and jsonl:
        raise InputError("--text and --jsonl: give one of them")
    if client is not None and not text:
        raise InputError("--client: needs --text, the reply to it")
    if text:
        return replies.from_texts(list(text), client or "")
    return replies.read_replies(jsonl) if jsonl else replies.shipped()


def _seed(seed: int) -> None:
    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
