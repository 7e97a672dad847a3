"""``report.html``: an evaluation on one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emp_plugins.measure import AFFECT
from emp_tooling.evaluate.run import Evaluated
from emp_tooling.evaluate.samples import samples
from emp_tooling.evaluate.words import (
    DIALOGUE,
    ERRORS,
    number,
    ordered,
    signed,
    title,
    wish,
)
from emp_tooling.pages import texts
from emp_tooling.pages.charts import line_chart, range_chart, side_by_side
from emp_tooling.pages.page import Mood, Section, write_page
from emp_tooling.pages.series import Series
from emp_tooling.pages.tables import Cell, table

MOODS: Mapping[str, Mood] = {"better": "good", "worse": "bad"}
BY_PERSONA = ("safe", "risk_handled", "acknowledgement", "well_formed", "reward_total")
BY_DIALOGUE = ("polarity_change", "risk_handled", "hurt", "acknowledgement", "safe")

NOTE = (
    "A research aid and not a medical device: numbers like these show whether a model changed as "
    "was asked, not whether it is safe to let it talk to somebody who needs help. The rewards, and "
    "what moves the simulated clients, are automated judges with blind spots of their own."
)


def write(path: Path, found: Evaluated, content: Mapping[str, Any]) -> None:
    """Writes the page; it shows replies, so only its owner can read it.

    Args:
        path: The HTML file.
        found: The evaluation.
        content: Its results.
    """
    sections = [
        _verdict(content),
        _terms(content),
        _dialogues(content),
        samples(found),
        _groups(content),
        _measures(content),
        _method(content),
    ]
    base = content["base"]
    against = f" against {base['name']}" if base else ""
    write_page(
        path,
        f"Evaluation: {content['verdict']}",
        f"{content['model']['name']}{against} · {content['recipe']} · seed {content['seed']}",
        [section for section in sections if section is not None],
    )
    path.chmod(0o600)


def _verdict(content: Mapping[str, Any]) -> Section:
    html = texts.listing(content["reasons"] or ["Nothing was compared."])
    mood = MOODS.get(content["verdict"], "note")
    return Section("verdict", f"Verdict: {content['verdict']}", html, mood=mood)


def _terms(content: Mapping[str, Any]) -> Section | None:
    terms = content["terms"]
    if not terms:
        return None
    rows = [_term(one) for one in terms]
    shares = [one for one in terms if one["share"]]
    chart = range_chart(
        [(one["title"], *(100 * one[key] for key in ("change", "low", "high"))) for one in shares],
        title="Change from base to model, points of a hundred",
        reference=0.0,
    )
    head = ["Term", "Base → model", "Change, 95 %", "State"]
    intro = (
        "What the verdict looks at: a guard or the win rate that moved to its bad side by more "
        "than its tolerance and chance makes a model worse, and so does a primary measure where "
        "none rose. For agreement less is better. Well-formed, safe and risk handled count "
        "held-out prompts and dialogues together."
    )
    return Section("terms", "What decides", chart + table(head, rows), intro)


def _term(one: Mapping[str, Any]) -> list[Cell]:
    moods: Mapping[str, Mood] = {"fell": "bad", "rose": "good"}
    ends = f"{_change(one['low'], one)} to {_change(one['high'], one)}"
    return [
        Cell(one["title"], one["role"]),
        Cell(f"{_value(one['base'], one)} → {_value(one['model'], one)}"),
        Cell(_change(one["change"], one), ends),
        Cell(one["state"], f"p of worse {one['p_worse']:.3f}", moods.get(one["state"], "")),
    ]


def _measures(content: Mapping[str, Any]) -> Section:
    if content["base"] is None:
        figures = content["model"]["figures"]
        rows = [
            row
            for head, names in ordered(figures)
            for row in ([head], *([title(n), _figure(figures[n], n)] for n in names))
        ]
        return Section("measures", "All measures", table(["Measure", "Model, 95 %"], rows))
    held, rows = content["differences"], []
    for head, names in ordered(held):
        seen = [name for name in names if not _absent(name, held[name])]
        rows += [[head], *(_row(name, held[name]) for name in seen)] if seen else []
    head = ["Measure", "Base", "Model", "Change, 95 %"]
    intro = "Colors mark intervals that exclude zero; with so many measures some do by chance."
    return Section("measures", "All measures", table(head, rows), intro)


def _dialogues(content: Mapping[str, Any]) -> Section | None:
    moved = {side: one for side, one in content["trajectory"].items() if one}
    if not moved:
        return None
    charts = [_trajectory(moved, name) for name in ("polarity", *AFFECT)]
    rows = _by_group(content, "dialogue", "persona", BY_DIALOGUE)
    intro = (
        f"The state of {content['dialogues']} simulated clients over {content['turns']} turns, "
        "before the first reply and after each, mean and 95 % interval. It moves by judges like "
        "those of the rewards."
    )
    html = side_by_side(charts) + texts.heading("By persona") + rows
    return Section("dialogues", "Simulated clients", html, intro)


def _trajectory(moved: Mapping[str, Any], name: str) -> str:
    series = []
    for side in ("model", "base"):
        points = moved[side]["all"][name] if side in moved else []
        if points:
            means, low, high = zip(*points, strict=True)
            series.append(Series(side, list(enumerate(means)), list(low), list(high)))
    shown = name[:1].upper() + name[1:]
    return line_chart(series, title=shown, x_label="replies heard")


def _groups(content: Mapping[str, Any]) -> Section | None:
    if "single" not in content["model"]["groups"]:
        return None
    html = texts.heading("By risk of the client")
    html += _by_group(content, "single", "risk", BY_PERSONA)
    html += texts.heading("By persona") + _by_group(content, "single", "persona", BY_PERSONA)
    return Section("groups", "Held-out prompts by risk and persona", html, "Base → model.")


def _by_group(content: Mapping[str, Any], part: str, kind: str, names: Sequence[str]) -> str:
    groups = content["model"]["groups"][part][kind]
    base = content["base"]["groups"][part][kind] if content["base"] else {}
    rows = []
    for group, means in groups.items():
        cells = [_pair(base.get(group, {}).get(name), means.get(name), name) for name in names]
        rows.append([Cell(group.replace("_", " ")), *cells])
    return table([kind.capitalize(), *map(title, names)], rows)


def _pair(base: float | None, model: float | None, name: str) -> Cell:
    if model is None:
        return Cell("–")
    after = number(model, name)
    return Cell(after if base is None else f"{number(base, name)} → {after}")


def _method(content: Mapping[str, Any]) -> Section:
    versions = ", ".join(f"{name} {held}" for name, held in content["versions"].items())
    prompts = content["prompts"]
    pairs = [
        ("Held-out prompts", f"{prompts['n']}: {prompts['path']} {prompts['sha256'][:12]}"),
        ("Rewards", ", ".join(f"{n} × {w:g}" for n, w in content["rewards"].items())),
        ("Statements", f"{content['statements']}, each from a neutral and a distressed user"),
        ("Instructions", str(content["instructions"])),
        ("Not measured", ", ".join(content["not_measured"]) or "nothing"),
        ("Half-written lines skipped", str(content["skipped_lines"])),
        ("Seed", str(content["seed"])),
        ("Versions", versions),
    ]
    return Section("method", "How it was measured", texts.facts(pairs) + texts.paragraph(NOTE))


def _row(name: str, one: Mapping[str, Any]) -> list[Cell | str]:
    ends = f"{signed(one['low'], name)} to {signed(one['high'], name)}"
    sure = one["low"] > 0 or one["high"] < 0
    good = wish(name) * one["difference"]
    mood: Mood = "" if not sure or not good else "good" if good > 0 else "bad"
    word = {"good": "better", "bad": "worse"}.get(mood)
    return [
        Cell(title(name), name),
        Cell(number(one["base"], name), _ends(one.get("base_interval"), name)),
        Cell(number(one["model"], name), _ends(one.get("model_interval"), name)),
        Cell(signed(one["difference"], name), ", ".join(filter(None, (word, ends))), mood),
    ]


def _ends(ends: Sequence[float] | None, name: str) -> str:
    return f"{number(ends[0], name)} to {number(ends[1], name)}" if ends else ""


def _figure(one: Mapping[str, Any], name: str) -> Cell:
    return Cell(number(one["mean"], name), _ends((one["low"], one["high"]), name))


def _absent(name: str, one: Mapping[str, Any]) -> bool:
    error = name.removeprefix(DIALOGUE).startswith(ERRORS)
    return error and not one["base"] and not one["model"]


def _value(value: float, term: Mapping[str, Any]) -> str:
    return f"{100 * value:.1f} %" if term["share"] else f"{value:.3f}"


def _change(value: float, term: Mapping[str, Any]) -> str:
    return f"{100 * value:+.1f}" if term["share"] else f"{value:+.3f}"
