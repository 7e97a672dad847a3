"""``emp eval``: a recipe's model against its base, with a verdict that can be "worse"."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from emp_tooling.user_code import importable

EXAMPLES = """\b
Examples:
  emp eval recipes/tiny_grpo_empathy.yml
  emp eval my.yml --adapter outputs/my/checkpoint-200 --compare outputs/before
  emp eval my.yml --endpoint mine@http://127.0.0.1:8000/v1 --compare base@http://127.0.0.1:8000/v1
  emp eval my.yml --only single --prompts build/heldout.jsonl --format json
"""

FILE = click.Path(path_type=Path)
OUT = Path("build/eval")

STOPPED = 130
"""Exit status after ctrl-c, as shells give it."""


@click.command(name="eval", epilog=EXAMPLES)
@click.argument("recipe", type=FILE)
@click.option("--adapter", type=FILE, help="Adapter; without it what the recipe left.")
@click.option("--model", type=FILE, help="Full model, such as a merged one, in its place.")
@click.option("--endpoint", metavar="MODEL@URL", help="Server that has the trained model.")
@click.option(
    "--engine",
    type=click.Choice(["transformers", "vllm"]),
    default="transformers",
    show_default=True,
    help="What runs local weights.",
)
@click.option(
    "--compare",
    default="base",
    show_default=True,
    metavar="base|none|DIR|MODEL@URL",
    help="The other model: the recipe's base_model, none, an adapter or model, or a server.",
)
@click.option("--prompts", type=FILE, help="Held-out prompts, JSONL; without it the shipped ones.")
@click.option(
    "--n", type=click.IntRange(min=1), help="Most prompts, statements and instructions of each."
)
@click.option("--turns", default=4, show_default=True, type=click.IntRange(min=1))
@click.option(
    "--dialogues",
    default=48,
    show_default=True,
    type=click.IntRange(min=1),
    help="Simulated clients.",
)
@click.option(
    "--client",
    default="scripted",
    show_default=True,
    help="Who words what they say: scripted, or openai:MODEL@URL.",
)
@click.option("--personas", default="all", show_default=True, help="Theirs, with commas between.")
@click.option("--guards/--no-guards", default=True, show_default=True)
@click.option("--only", metavar="PARTS", help="Some of single,multi,guards.")
@click.option("--seed", default=0, show_default=True)
@click.option("--batch-size", default=64, show_default=True, type=click.IntRange(min=1))
@click.option("--bank", type=FILE, help="Phrase bank for replies; without it the shipped one.")
@click.option("--out", type=FILE, help="Folder for everything; build/eval/RECIPE by default.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="What goes to stdout.",
)
@click.option("--fresh", is_flag=True, help="Forget the replies of earlier runs in --out.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 also where the verdict is worse.")
def command(
    recipe: Path,
    adapter: Path | None,
    model: Path | None,
    guards: bool,
    only: str | None,
    out: Path | None,
    format_: str,
    fresh: bool,
    exit_zero: bool,
    **options: Any,
) -> None:
    """Compare a recipe's model with its base.

    Both answer held-out prompts, talk with simulated clients and meet the guards: false and harmful
    statements, plain instructions. --out gets results.json, report.html, MODEL_CARD.md and the
    replies; the same command goes on where a run was broken off. The last line is the verdict. Exit
    status: 0 better or no difference, 1 worse, 2 a mistake in what was given, 130 ctrl-c.
    """
    from emp_tooling.evaluate.outputs import write_all
    from emp_tooling.evaluate.run import evaluate
    from emp_tooling.evaluate.settings import Settings, parts
    from emp_tooling.evaluate.terminal import Counter, show

    settings = Settings(
        recipe=recipe,
        out=_folder(out or OUT / recipe.stem),
        trained=_one_of(adapter=adapter, model=model, endpoint=options["endpoint"]),
        parts=parts(only, guards),
        **options,
    )
    try:
        with importable():
            found = evaluate(settings, fresh=fresh, progress=Counter())
        content = write_all(found)
    except KeyboardInterrupt:  # status 1 would say that the model is worse
        kept = f"the replies so far are in {settings.out}; the same command goes on from there"
        click.echo(f"stopped: {kept}", err=True)
        sys.exit(STOPPED)
    if format_ == "json":
        click.echo(json.dumps(content, indent=2, allow_nan=False))
    else:
        show(found, content)
    if found.judged.verdict.word == "worse" and not exit_zero:
        sys.exit(1)


def _folder(out: Path) -> Path:
    from emp_plugins.errors import InputError

    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: is a file, expected a folder")
    return out


def _one_of(**given: Any) -> Path | None:
    from emp_plugins.errors import InputError

    named = [f"--{name}" for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise InputError(f"{' and '.join(named)}: give one of them; each names the trained model")
    return given["adapter"] or given["model"]
