"""The tables of an audit as rows of cells, the same for the terminal and the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emp_tooling.audit.report.words import METRICS, WINS, best_trivial, distinct, pretty


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: What stands there.
        small: A second line, such as an interval.
        share: Length of a bar, 0 to 1, or None for none.
        mood: ``better``, ``worse`` or empty.
    """

    text: str
    small: str = ""
    share: float | None = None
    mood: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: Its heading.
        head: Titles of the columns.
        rows: Cells.
    """

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(result: Mapping[str, Any]) -> list[Table]:
    """Every table that a result has.

    Args:
        result: The result of an audit.

    Returns:
        Agreement a mechanism, attacks, risk.
    """
    found = []
    if result.get("agreement"):
        found += _agreement(result)
    if result.get("attacks"):
        found.append(_attacks(result))
    if result.get("risk"):
        found += [_risk(result["risk"]), _categories(result["risk"])]
    return found


def _agreement(result: Mapping[str, Any]) -> list[Table]:
    groups = {"": result["agreement"]}
    for name, preset in result["presets"].items():
        groups[f"{name}: "] = preset.get("agreement", {})
    groups["trivial: "] = result["baselines"]
    trivial = result["baselines"]
    keys = list(distinct(result["agreement"]["total"]))
    return [
        _sums(key, groups, trivial) if key == "total" else _mechanism(key, groups, trivial)
        for key in keys
    ]


def _mechanism(key: str, groups: Mapping[str, Any], trivial: Mapping[str, Any]) -> Table:
    rows = []
    for prefix, scores in groups.items():
        for name, entries in scores.items():
            entry, part = entries[key], entries[key].get("part")
            rows.append(
                _score_row(f"{prefix}{name}{'.' + part if part else ''}", key, entry, trivial)
            )
            if part:
                rows.append(
                    _score_row(f"{prefix}{name} (its value)", key, entry["scalar"], trivial)
                )
    head = ("Score", "any (AUC)", "strong (AUC)", "length held fixed", "left out")
    return Table(f"Agreement: {pretty(key)}", head, tuple(rows))


def _score_row(
    title: str, key: str, entry: Mapping[str, Any], trivial: Mapping[str, Any]
) -> tuple[Cell, ...]:
    aucs = [_auc(key, metric, entry, trivial) for metric in METRICS]
    partial = _number(entry.get("partial_spearman"))
    return (Cell(title), *aucs, Cell(partial), Cell(str(entry["left_out"] or "")))


def _sums(key: str, groups: Mapping[str, Any], trivial: Mapping[str, Any]) -> Table:
    rows = [
        (Cell(f"{prefix}{name}"), _auc(key, "auc_high_low", entries[key], trivial))
        for prefix, scores in groups.items()
        for name, entries in scores.items()
    ]
    return Table("Agreement: summed level", ("Score", "high against low (AUC)"), tuple(rows))


def _auc(key: str, metric: str, entry: Mapping[str, Any], trivial: Mapping[str, Any]) -> Cell:
    value, best = entry.get(metric), best_trivial(key, metric, trivial)
    if value is None:
        return Cell("–")
    mood = "better" if best is not None and value > best[1] else ""
    return Cell(_number(value), _ends(entry.get(f"{metric}_interval"), ".2f"), value, mood)


def _attacks(result: Mapping[str, Any]) -> Table:
    others = {
        name: preset["attacks"] for name, preset in result["presets"].items() if "attacks" in preset
    }
    head = ("Family", "Half", "Wins", *(f"{name} wins" for name in others))
    head += ("over ours", "over human", "all pairs", "Pairs")
    rows = []
    for name, row in result["attacks"].items():
        beside = [_rate(table[name]) for table in others.values()]
        parts = [Cell(_percent(row[source]["win_rate"])) for source in ("own", "human")]
        rows.append(
            (
                Cell(pretty(name), row["description"]),
                Cell("held out" if row["held_out"] else "open"),
                _rate(row),
                *beside,
                *parts,
                Cell(_percent(row["win_rate_all"])),
                Cell(str(row["pairs"]), f"{row['ties']} ties" if row["ties"] else ""),
            )
        )
    return Table("Attacks that beat a good reply", head, tuple(rows))


def _rate(row: Mapping[str, Any]) -> Cell:
    rate = row["win_rate"]
    if rate is None:
        return Cell("–")
    mood = "worse" if rate > WINS else "better"
    return Cell(_percent(rate), _ends(row["win_rate_interval"], ".0%"), rate, mood)


def _risk(risk: Mapping[str, Any]) -> Table:
    columns = {"all": risk, "held out": risk["held_out"], "open": risk["open"]}
    rows = []
    for key in ("recall_explicit", "recall_coded", "false_alarm"):
        cells = [_share(key, column) for column in columns.values()]
        rows.append((Cell(pretty(key)), *cells))
    return Table("Missed risk and false alarms", ("Measure", *columns), tuple(rows))


def _categories(risk: Mapping[str, Any]) -> Table:
    ordered = sorted(risk["categories"].items(), key=lambda pair: not pair[1]["at_risk"])
    rows = [
        (
            Cell(pretty(name)),
            Cell("risk" if row["at_risk"] else "no risk"),
            _share("flagged", row),
        )
        for name, row in ordered
    ]
    head = ("Category", "Labelled", "Read as risk")
    return Table("Read as risk, by category", head, tuple(rows))


def _share(key: str, row: Mapping[str, Any]) -> Cell:
    small = f"{_ends(row[f'{key}_interval'], '.0%')} of {row[f'{key}_n']}"
    return Cell(_percent(row[key]), small, row[key])


def _ends(interval: Sequence[float] | None, form: str) -> str:
    return f"[{interval[0]:{form}}, {interval[1]:{form}}]" if interval else ""


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
