"""Builds the page. Every text from outside goes through ``html.escape``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template as Shell
from typing import Any

from emp_plugins.files import atomic_write
from emp_tooling.report import words
from emp_tooling.report.charts import line_chart, range_chart
from emp_tooling.report.history import Curve
from emp_tooling.report.samples import Reply, Sample

SHARES = (0.0, 1.0)


def write_report(
    path: str | Path,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    curves: Sequence[Curve] = (),
    samples: Sequence[Sample] = (),
    seconds: Mapping[str, float] | None = None,
    seed: int = 0,
    title: str = "Before and after alignment",
    subtitle: str = "",
) -> None:
    """Writes the report as one file that loads nothing.

    Args:
        path: The HTML file.
        before: A measurement, as ``Measurement.to_json`` gives it.
        after: The same after the training.
        curves: What the training logged.
        samples: Replies to show side by side.
        seconds: How long each step took.
        seed: Seed of the sampling, for the text.
        title: Headline.
        subtitle: A line under it.
    """
    shell = Shell((files(__package__) / "page.html").read_text(encoding="utf-8"))
    page = shell.substitute(
        title=escape(title),
        subtitle=escape(subtitle),
        tiles="".join(_tile(row, before, after) for row in words.SHARES[:4]),
        verdict=f"<p>{escape(' '.join(words.verdict(before, after)))}</p>",
        note=escape(words.NOTE),
        table=_table(before, after),
        curves_note=escape(_curves_note(curves)),
        charts="".join(_figure(curve) for curve in curves),
        samples_note="Taken at even distances from the held-out prompts; nobody chose them.",
        samples="".join(_sample(sample) for sample in samples),
        method=_method(after["n"], seed),
        times=_times(seconds or {}),
    )
    with atomic_write(path) as file:
        file.write(page)


def _tile(row: words.Row, before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    then, now = before[row.key], after[row.key]
    return (
        f'<div class="card tile"><div class="name">{escape(row.title)}</div>'
        f'<div class="now {_judged(row, then, now)}">{now:.0%}</div>'
        f'<div class="then">{then:.0%} before</div></div>'
    )


def _judged(row: words.Row, then: float, now: float) -> str:
    change = (now - then) * row.wish
    return "better" if change > 0 else "worse" if change < 0 else ""


def _table(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    groups = words.rows(before, after)
    parts = [row.key for _, lines in groups for row in lines if row.key.startswith("rewards/")]
    shared = _scale(parts, before, after)
    body = []
    for title, lines in groups:
        body.append(f'<tr class="group"><th colspan="5">{escape(title)}</th></tr>')
        for row in lines:
            # The total is a sum and would squeeze the parts on their scale.
            total = row.key == "reward_total"
            scale = _scale([row.key], before, after) if total else shared
            body.append(_table_row(row, before, after, SHARES if row.kind == "share" else scale))
    return (
        '<table><thead><tr><th>Measure</th><th><span class="dot before"></span>Before</th>'
        '<th><span class="dot after"></span>After</th><th>Change</th>'
        '<th class="plot">With 95 % intervals</th></tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )


def _table_row(
    row: words.Row, before: Mapping[str, Any], after: Mapping[str, Any], scale: tuple[float, float]
) -> str:
    sides = [_triple(row.key, side) for side in (before, after)]
    cells = [_cell(triple, row.kind) for triple in sides]
    change, plot = "", ""
    if sides[0] and sides[1]:
        then, now = sides[0][0], sides[1][0]
        signed = (
            f"{100 * (now - then):+.1f} points" if row.kind == "share" else f"{now - then:+.2f}"
        )
        verdict = _judged(row, then, now)
        change = f'<span class="{verdict}">{signed}</span><small>{verdict}</small>'
        plot = range_chart(*sides, *scale)
    return (
        f"<tr><td>{escape(row.title)}</td>{cells[0]}{cells[1]}<td>{change}</td>"
        f'<td class="plot">{plot}</td></tr>'
    )


def _triple(key: str, side: Mapping[str, Any]) -> tuple[float, float, float] | None:
    value = words.value(side, key)
    if value is None:
        return None
    low, high = side["intervals"].get(key, (value, value))
    return value, low, high


def _cell(triple: tuple[float, float, float] | None, kind: str) -> str:
    if triple is None:
        return "<td>no value</td>"
    value, low, high = (f"{x:.1%}" if kind == "share" else f"{x:.2f}" for x in triple)
    return f"<td>{value}<small>{low} to {high}</small></td>"


def _scale(
    keys: Sequence[str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> tuple[float, float]:
    triples = [_triple(key, side) for key in keys for side in (before, after)]
    ends = [end for triple in triples if triple for end in triple]
    return min([0.0, *ends]), max([1.0, *ends])


def _curves_note(curves: Sequence[Curve]) -> str:
    if not curves:
        return "The training left no log."
    return (
        "Means over the replies that the model sampled in training, step by step: each step thin, "
        "the running mean thick."
    )


def _figure(curve: Curve) -> str:
    first, last = curve.points[0][1], curve.points[-1][1]
    return (
        f'<figure class="card"><figcaption><small>{first:.3g} → {last:.3g}</small>'
        f"{escape(curve.title)}</figcaption>{line_chart(curve)}</figure>"
    )


def _sample(sample: Sample) -> str:
    facts = "".join(f'<span class="chip">{escape(fact)}</span>' for fact in sample.facts)
    return (
        f'<article class="card sample"><div class="chips">{facts}</div>'
        f'<p class="client">{escape(sample.client)}</p><div class="replies">'
        f"{_reply('Before', sample.before)}{_reply('After', sample.after)}</div></article>"
    )


def _reply(side: str, reply: Reply) -> str:
    text = re.sub(r"&lt;/?[\w.-]+&gt;", r'<span class="tag">\g<0></span>', escape(reply.text))
    chips = "".join(
        f'<span class="chip {kind}">{escape(words_)}</span>' for words_, kind in _chips(reply)
    )
    return (
        f'<div class="reply"><h3><span class="dot {side.lower()}"></span>{side}</h3>'
        f'<p class="text">{text or "<em>(empty)</em>"}</p><div class="chips">{chips}</div></div>'
    )


def _chips(reply: Reply) -> list[tuple[str, str]]:
    label = reply.label
    shape = ("well-formed", "better") if label.well_formed else ("malformed", "worse")
    chips = [shape, *((problem, "") for problem in label.problems[:3])]
    chips += [(words.pretty(error).lower(), "worse") for error in label.errors]
    if label.good:
        chips.append(("good reply", "better"))
    elif not label.errors:
        chips.append(("no reply from the phrase bank", ""))
    return chips


def _method(n: int, seed: int) -> str:
    return "".join(
        f"<dt>{escape(term)}</dt><dd>{escape(text.format(n=n, seed=seed, rule=min(1, 3 / n)))}</dd>"
        for term, text in words.METHOD
    )


def _times(seconds: Mapping[str, float]) -> str:
    if not seconds:
        return ""
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{value:.0f} s</td></tr>" for name, value in seconds.items()
    )
    return (
        '<section><h2>How long it took</h2><div class="card scroll"><table>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )
