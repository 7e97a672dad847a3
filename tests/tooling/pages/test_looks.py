"""The pages in a browser, and whether the eyes of the tests see what is wrong with one."""

import math

import pytest

from emp_tooling.pages import texts
from emp_tooling.pages.charts import (
    Series,
    heat_map,
    line_chart,
    range_chart,
    scatter_chart,
    side_by_side,
)
from emp_tooling.pages.page import Section, write_page
from emp_tooling.pages.tables import Cell, table

from .looks import look

NAMES = ["affective_shift", "empathy", "semantic_similarity", "safety", "structure", "a" * 60]
LONG = "runs/llama31_grpo_empathy_with_a_long_name/second_try"


def curve(shift, count=60):
    return [(step, math.sin(step / 9) + shift) for step in range(1, count)]


@pytest.fixture(scope="module")
def every_piece(tmp_path_factory):
    monitored = [(0, 0.2), (20, 0.4), (40, 0.7)]
    charts = [
        line_chart(
            [
                Series("first", curve(0), smooth=True),
                Series("held out", monitored, [0.1, 0.3, 0.5], [0.3, 0.5, 0.8]),
                Series(LONG, curve(0.5), color=2),
            ],
            title="Empathy",
            bands=(0.1, None),
        ),
        line_chart([Series("gradient", curve(2e5, 10_000))], title="Gradient norm " + "x" * 60),
        line_chart([Series("small", [(1, 1e-5), (2, 2.5e-5)])], title="KL", bands=(None, 3e-5)),
        line_chart([Series("one", [(5, 0.5)])], title="A single point"),
        scatter_chart(
            [Series("first", curve(0)), Series("second", curve(1))],
            title="Length against reward",
            x_label="words",
            y_label="total reward",
        ),
    ]
    correlations = [[1 if i == j else (i - j) / 6 for j in range(6)] for i in range(6)]
    correlations[0][5] = math.nan
    parts = [
        Section("words", "In words", texts.listing(["fine", "b" * 300]), "An intro.", "bad"),
        Section("charts", "Charts", side_by_side(charts)),
        Section("heat", "Matrix", heat_map(NAMES, correlations, title="Correlation")),
        Section(
            "ranges",
            "Ranges",
            range_chart(
                [(name, i / 6, i / 6 - 0.2, i / 6 + 0.1) for i, name in enumerate(NAMES)],
                title="Differences",
                reference=0.0,
            ),
        ),
        Section(
            "table",
            "Table",
            table(
                ["Measure", *"abcdef"],
                [["Group"], [Cell(LONG, "small", "bad", 0.7), *["0.123 to 0.456"] * 6]],
            )
            + texts.facts([("Prompts", "48")])
            + texts.folded("Recipe", texts.source("base_model: " + "x" * 200)),
        ),
        Section(
            "sample",
            "Sample",
            texts.passage(texts.marked("Cheer up! " * 9, [(0, 8, "minimizing")], ["minimizing"]))
            + texts.chips([("well-formed", "good"), ("minimizing", "bad"), ("x" * 90, "")]),
        ),
    ]
    path = tmp_path_factory.mktemp("kit") / "kit.html"
    write_page(path, "Every piece of the kit", "a subtitle " * 20, parts)
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_piece_is_readable(browser, every_piece, width, dark):
    seen = look(browser, every_piece, width=width, dark=dark)
    assert seen.errors == [] and not seen.overflow and seen.overlaps == []
    assert len(seen.charts) == 6
    for chart in seen.charts:
        assert chart.label and chart.painted, chart
        assert chart.width > (4 if "single" in chart.label else 200), chart
        assert chart.height > (4 if "single" in chart.label else 20), chart


@pytest.mark.parametrize(
    ("body", "errors", "overflow", "overlaps"),
    [
        ("<p>Fine.</p><p>Two lines.</p>", 0, False, 0),
        ("<script>nothing()</script>", 1, False, 0),
        ('<img src="missing.png" alt="">', 2, False, 0),  # the request and the console's line
        ('<div style="width: 2000px">wide</div>', 0, True, 0),
        ('<p>One</p><p style="margin-top: -28px">Other</p>', 0, False, 1),
        (
            '<svg viewBox="0 0 90 20"><text y="15">abc</text><text y="15" x="9">def</text></svg>',
            *(0, False, 1),
        ),
        # what a box that scrolls hides does not lie on anything
        (
            '<div style="width:50px;overflow-x:auto;float:left;white-space:nowrap">long long long'
            "</div><div>beside</div>",
            *(0, False, 0),
        ),
    ],
)
def test_the_eyes_see(browser, tmp_path, body, errors, overflow, overlaps):
    path = tmp_path / "eyes.html"
    path.write_text(f'<meta charset="utf-8"><link rel="icon" href="data:,">{body}')
    seen = look(browser, path, width=600)
    assert (len(seen.errors), seen.overflow, len(seen.overlaps)) == (errors, overflow, overlaps)
    assert seen.screenshot.stat().st_size > 0
    seen.screenshot.unlink()
