"""The personas: one line each, or one in full."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from emp_datagen.client import risk_share
from emp_datagen.listing.tables import console, section, table
from emp_datagen.personas import SPLITS, Persona
from emp_plugins.affect.hourglass import AXES

LEVELS = ("none", "hopelessness", "passive ideation", "active ideation or self-harm", "plan")
"""Levels of risk in words."""

WIDE = 150
"""Columns of a terminal that has room for each fact in a cell of its own."""


def summary(persona: Persona) -> dict[str, Any]:
    """What the list says of a persona, plain JSON.

    Args:
        persona: The persona.

    Returns:
        Name, title, chapter, codes, severities, situations by split, and the share of its clients
        at risk level 2 or more.
    """
    return {
        "name": persona.key,
        "title": persona.title,
        "chapter": persona.chapter,
        "diagnosis": persona.diagnosis,
        "codes": list(dict.fromkeys(severity.code for severity in persona.severities)),
        "severities": [severity.name for severity in persona.severities],
        "situations": {split: len(persona.situations_of(split)) for split in SPLITS},
        "risk_share": round(risk_share(persona), 4),
    }


def show_all(personas: Iterable[Persona]) -> None:
    """Prints the list; what a persona is stands in one cell where the terminal is narrow."""
    out = console()
    found = [summary(persona) for persona in personas]
    wide = out.width >= WIDE
    what = ("title", "chapter", "codes", "severities") if wide else ("title, chapter, severities",)
    rows = (
        (
            one["name"],
            *(_what(one) if wide else ("\n".join(_what(one)),)),
            "/".join(map(str, one["situations"].values())),
            f"{one['risk_share']:.0%}",
        )
        for one in found
    )
    out.print(table(("name", *what, "situations", "risk"), rows))
    out.print(
        f"{len(found)} personas. Situations: {'/'.join(SPLITS)}. Risk: share of clients who "
        "disclose risk of level 2 or more.",
        style="dim",
        soft_wrap=True,
    )


def _what(one: Mapping[str, Any]) -> tuple[str, ...]:
    codes, severities = ", ".join(one["codes"]), ", ".join(one["severities"])
    return one["title"], one["chapter"], codes, severities


def show_one(persona: Persona) -> None:
    """Prints a persona in full."""
    out = console()
    out.print(persona.key, style="bold", markup=False)
    out.print(f"{persona.title} ({persona.diagnosis})", markup=False)
    out.print(persona.chapter, style="dim", markup=False)
    share = sum(severity.weight for severity in persona.severities)
    section(
        out,
        "Severities",
        (
            f"{one.name} ({one.code}), {one.weight / share:.0%}: {one.note}".rstrip(": ")
            for one in persona.severities
        ),
    )
    section(
        out,
        "People",
        (
            f"{one.age[0]} to {one.age[1]}, {' or '.join(one.gender)}, {one.occupation}, {one.home}"
            for one in persona.demographics
        ),
    )
    for split in SPLITS:
        lines = (f"{one.text} ({one.topic}; {one.axis})" for one in persona.situations_of(split))
        section(out, f"Situations, {split}", lines)
    section(out, "Symptoms", (one.text for one in persona.symptoms))
    section(out, "Thoughts", (f"{one.text} ({one.distortion})" for one in persona.thoughts))
    _affect(out, persona)
    section(
        out,
        "Ways of talking",
        (
            f"{c.style}, {c.sentences[0]} to {c.sentences[1]} sentences"
            for c in persona.communication
        ),
    )
    _risk(out, persona)
    section(out, "Questions", (f"{fact.ask} {fact.answer}" for fact in persona.facts))
    for name in ("triggers", "goals", "helps", "backfires", "sources"):
        section(out, name.capitalize(), getattr(persona, name))


def _affect(out: Any, persona: Persona) -> None:
    axes = zip(AXES, persona.affect.mean, persona.affect.sd, strict=True)
    section(out, "Usual affect", (f"{axis} {mean:+.2f} (sd {sd:.2f})" for axis, mean, sd in axes))


def _risk(out: Any, persona: Persona) -> None:
    total = sum(persona.risk.weights)
    lines = []
    for level, weight in enumerate(persona.risk.weights):
        lines.append(f"{level} {LEVELS[level]}, {weight / total:.1%}")
        disclosures = persona.risk.disclosures.get(level)
        for form in ("plain", "coded", "retracted") if disclosures else ():
            lines += [f"  {form}: {text}" for text in getattr(disclosures, form)]
    section(out, "Risk", lines)
