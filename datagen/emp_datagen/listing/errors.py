"""The clinical errors and the strategies: one line each, one in full, and when which is used."""

from __future__ import annotations

from typing import Any

from emp_datagen.bank import Bank
from emp_datagen.bank.model import AXES, ClinicalError, Plan, Strategy, When
from emp_datagen.listing.tables import console, section, table


def error_summary(name: str, error: ClinicalError) -> dict[str, Any]:
    """What the list says of a clinical error, plain JSON."""
    return {
        "name": name,
        "definition": error.definition,
        "forms": len(error.forms),
        "judges": list(error.judges),
    }


def strategy_summary(name: str, strategy: Strategy) -> dict[str, Any]:
    """What the list says of a strategy, plain JSON."""
    forms = {group: len(getattr(strategy.forms, group)) for group in ("general", *AXES)}
    return {"name": name, "definition": strategy.definition, "forms": forms}


def plan_summary(plan: Plan) -> dict[str, Any]:
    """One row of the table from state to strategies, plain JSON."""
    return {
        "when": plan.when.model_dump(exclude_none=True),
        "why": plan.why,
        "moves": plan.moves,
    }


def show_errors(bank: Bank) -> None:
    """Prints the list of clinical errors."""
    out = console()
    found = [error_summary(name, error) for name, error in bank.errors.items()]
    out.print(
        table(
            ("name", "definition", "forms", "seen by"),
            (
                (
                    one["name"],
                    one["definition"],
                    str(one["forms"]) if one["forms"] else "none",
                    ", ".join(one["judges"]),
                )
                for one in found
            ),
        )
    )
    out.print(f"{len(found)} clinical errors.", style="dim")


def show_strategies(bank: Bank) -> None:
    """Prints the strategies, the table that chooses among them, and the styles."""
    out = console()
    strategies = [strategy_summary(name, one) for name, one in bank.strategies.items()]
    rows = ((one["name"], one["definition"], str(sum(one["forms"].values()))) for one in strategies)
    out.print(table(("name", "definition", "forms"), rows, "Strategies"))
    plans = (
        (when(plan.when), "\n".join(" + ".join(move) for move in plan.moves), plan.why)
        for plan in bank.table.plans
    )
    title = "From state to strategies: the first row that fits"
    out.print(table(("state", "strategies, one of", "why"), plans, title))
    styles = (
        (name, "\n".join(" + ".join(move) for move in one.moves) or "as above", one.instruction)
        for name, one in bank.styles.items()
    )
    if bank.styles:
        out.print(table(("style", "strategies", "voice"), styles, "Styles"))


def show_error(name: str, error: ClinicalError) -> None:
    """Prints a clinical error in full."""
    out = console()
    out.print(name, style="bold", markup=False)
    section(out, "Definition", [error.definition])
    section(out, "Why it harms", [error.harm])
    section(out, "Judges that see it", [", ".join(error.judges)])
    section(out, "What a teacher is told", [error.instruction])
    section(out, "What its reasoning line says", error.approach)
    ordinary = error.built_from == "ordinary"
    section(out, "Forms", ["A good reply that leaves out the risk."] if ordinary else error.forms)


def show_strategy(name: str, strategy: Strategy) -> None:
    """Prints a strategy in full."""
    out = console()
    out.print(name, style="bold", markup=False)
    section(out, "Definition", [strategy.definition])
    section(out, "What a teacher is told", [strategy.instruction])
    for group in ("general", *AXES):
        section(out, f"Forms, {group}", getattr(strategy.forms, group))


def when(condition: When) -> str:
    """A condition on a state in words.

    Example:
        >>> when(When(risk=2)), when(When())
        ('risk 2 or more', 'any other')
    """
    words = []
    if condition.risk is not None:
        words.append(f"risk {condition.risk} or more")
    if condition.asks is not None:
        words.append(f"{'asks' if condition.asks else 'does not ask'} about the disorder")
    if condition.low is not None:
        words.append(f"{condition.low} lowest")
    return ", ".join(words) or "any other"
