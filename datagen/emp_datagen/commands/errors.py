"""``emp-datagen errors``: the clinical errors, the strategies, and when which is used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

EXAMPLES = """\b
Examples:
  emp-datagen errors
  emp-datagen errors minimising
  emp-datagen errors --strategies
  emp-datagen errors --bank mine --format json
"""


@click.command("errors", epilog=EXAMPLES)
@click.argument("name", default="")
@click.option(
    "--bank",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder with your own strategies or errors.",
)
@click.option(
    "--strategies",
    is_flag=True,
    help="Show what good replies do, and which state calls for which.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="A table, or one JSON object.",
)
def command(name: str, folder: Path | None, strategies: bool, format_: str) -> None:
    """List the clinical errors, or show one.

    With NAME its definition, why it harms, which judges see it, and its sentences. With
    --strategies the same for what good replies do, and the table from a client's state to it.
    """
    import json

    from emp_datagen.bank import SHIPPED, load_bank

    bank = load_bank(folder or SHIPPED)
    held = (_one if name else _all)(bank, name, strategies, format_ == "json")
    if held is not None:
        click.echo(json.dumps(held, ensure_ascii=False))


def _one(bank: Any, name: str, strategies: bool, plain: bool) -> dict[str, Any] | None:
    from emp_datagen.listing import errors as listing
    from emp_datagen.listing.tables import known

    entries = bank.strategies if strategies else bank.errors
    name = known(name, entries, "strategy" if strategies else "clinical error")
    if plain:
        return {"name": name, **entries[name].model_dump(mode="json")}
    show = listing.show_strategy if strategies else listing.show_error
    show(name, entries[name])
    return None


def _all(bank: Any, name: str, strategies: bool, plain: bool) -> dict[str, Any] | None:
    from emp_datagen.listing import errors as listing

    if not plain:
        listing.show_errors(bank)
        if strategies:
            listing.show_strategies(bank)
        return None
    held: dict[str, Any] = {
        "errors": [listing.error_summary(key, one) for key, one in bank.errors.items()]
    }
    if strategies:
        held["strategies"] = [
            listing.strategy_summary(key, one) for key, one in bank.strategies.items()
        ]
        held["plans"] = [listing.plan_summary(plan) for plan in bank.table.plans]
        held["styles"] = {key: one.model_dump(mode="json") for key, one in bank.styles.items()}
    return held
