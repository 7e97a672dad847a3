"""Fills the card. Nothing in it is a client's or a therapist's text, a key or a password."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template as Shell
from typing import Any

from emp_datagen.bank import AT_RISK, Bank
from emp_datagen.card import made
from emp_datagen.card.words import COLUMNS, TAGS, USE, WHAT
from emp_datagen.personas import Persona
from emp_datagen.run.report import Report
from emp_datagen.stats.tables import METHOD, RISK, Table, tables

SIZES = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
)
"""The hub's classes of size, each with the number of rows below which it holds."""

SPLITS = {"dev": "validation", "heldout": "test"}
"""Our splits by the hub's names; all else is ``train``."""

INVENTED = "Written in English. The clients are invented; nobody is quoted."
FOREIGN = (
    "The rows do not follow the dataset contract of empathy-recipes: who wrote them, in which "
    "language, and whether a client is a real person, is not known from the file."
)
SYNTHETIC = "The clients are synthetic. Real people speak in other and in more ways."
REAL = "Whether the clients are synthetic is unknown; texts of real people need their consent."

_NAME = re.compile(r"[\w()][\w .:/@()+-]{0,79}")


@dataclass(frozen=True)
class Context:
    """What a card is filled from.

    Attributes:
        file: Name of the file, without its folder.
        result: What `emp_datagen.stats.measure` says of it.
        report: Of the run that made it, or None.
        personas: The known personas by name.
        bank: The phrase bank, for the definitions of the errors.
        licence: By the hub's name for it.
        title: Heading of the card.
    """

    file: str
    result: Mapping[str, Any]
    report: Report | None
    personas: Mapping[str, Persona]
    bank: Bank
    licence: str
    title: str


def render(context: Context) -> str:
    """Writes a card.

    Args:
        context: What it is filled from.

    Returns:
        Markdown with YAML front matter.
    """
    result, report = context.result, context.report
    kind = result["kind"]
    shell = Shell((files(__package__) / "card.md").read_text(encoding="utf-8"))
    return shell.substitute(
        front=_front(context),
        title=_plain(context.title),
        rows=f"{result['rows']:,}",
        file=context.file.replace("`", ""),
        what=WHAT[kind],
        disclosures=_disclosures(result["risk"]),
        origin=FOREIGN if made.foreign(result) else INVENTED,
        clients=REAL if made.foreign(result) else SYNTHETIC,
        made=made.how(report, result),
        columns=_columns(result["columns"]),
        personas=_personas(context),
        risk=_risk(result["risk"]),
        errors=_errors(context),
        figures=_figures(result),
        method="\n".join(f"- {term}: {text}" for term, text in METHOD),
        judging=made.judging(report, result),
        use=USE[kind],
        limit=made.limit(report, result),
        licence=context.licence,
        authors=made.authors(report, result),
    )


def _front(context: Context) -> str:
    import yaml

    result = context.result
    plan = made.plan(context.report)
    split = SPLITS.get(str(plan.get("split", "")), "train")
    origin = [] if made.foreign(result) else ["synthetic"]
    front = {
        "license": context.licence,
        "language": ["en"],
        "pretty_name": context.title,
        "task_categories": ["text-generation"],
        "size_categories": [_size(result["rows"])],
        "tags": [*origin, "empathy", "mental-health", *TAGS[result["kind"]]],
        # Named, since the hub would read the report of the run as rows too.
        "configs": [
            {"config_name": "default", "data_files": [{"split": split, "path": context.file}]}
        ],
    }
    held = yaml.safe_dump(front, sort_keys=False, allow_unicode=True)
    return f"---\n{held}---\n"


def _size(rows: int) -> str:
    return next((name for most, name in SIZES if rows < most), "100M<n<1B")


def _disclosures(risk: Mapping[str, int]) -> str:
    if not risk:
        return "whether they disclose thoughts of suicide or self-harm is not recorded"
    grave = sum(count for level, count in risk.items() if level.isdigit() and int(level) >= AT_RISK)
    if not grave:
        return "no row is marked as a disclosure of suicidal thoughts or self-harm"
    return f"{grave:,} rows disclose thoughts of suicide or self-harm"


def _columns(names: Sequence[str]) -> str:
    rows = (
        (f"`{_name(name)}`", COLUMNS.get(name, "Not a column of this toolkit")) for name in names
    )
    return _markdown(("Column", "What it holds"), rows)


def _personas(context: Context) -> str:
    counts = context.result["personas"]
    if not counts:
        return "The rows name no personas."
    rows = []
    for name, count in counts.items():
        one = context.personas.get(name)
        codes = ", ".join(dict.fromkeys(s.code for s in one.severities)) if one else "unknown"
        rows.append((f"`{_name(name)}`", one.title if one else "unknown", codes, f"{count:,}"))
    return _markdown(("Persona", "Title", "ICD-10-CM", "Rows"), rows)


def _risk(counts: Mapping[str, int]) -> str:
    rows = ((level, RISK.get(level, "unknown"), f"{count:,}") for level, count in counts.items())
    head = ("Risk", "What the client discloses", "Rows")
    return _markdown(head, rows) if counts else "The rows hold no level of risk."


def _errors(context: Context) -> str:
    counts = context.result["errors"]
    if not counts:
        return "The rows name no clinical errors."
    rows = []
    for name, count in counts.items():
        one = context.bank.errors.get(name)
        rows.append((f"`{_name(name)}`", one.definition if one else "unknown", f"{count:,}"))
    return _markdown(("Error", "Definition", "Replies"), rows)


def _figures(result: Mapping[str, Any]) -> str:
    shown = ("Figures", "Turns of the client", "Words", "Polarity", "Distinct-n side by side")
    return "\n\n".join(_table(table) for table in tables(result) if table.title in shown)


def _table(table: Table) -> str:
    rows = ((line.label, *line.values) for line in table.lines)
    return f"{table.title}:\n\n{_markdown(table.head, rows)}"


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_plain, line)) + " |" for line in lines)


def _name(value: str) -> str:
    """A name as it stands; anything that might be a sentence of somebody is hidden."""
    return value if _NAME.fullmatch(value) and value.count(" ") < 4 else "(not a name)"


def _plain(text: str) -> str:
    escaped = text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split())
