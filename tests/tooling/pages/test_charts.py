import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.pages.axes import HEIGHT, WIDTH, nice_ticks, tick_labels
from emp_tooling.pages.charts import Series, heat_map, line_chart, range_chart, scatter_chart
from emp_tooling.pages.series import MOST_POINTS, STYLES, drawable, running_mean

EVIL = '<script>alert("x")</script> & $title'
VALUES = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6))
ANY = st.floats(allow_nan=True, allow_infinity=True, width=32)


def parsed(figure):
    return ET.fromstring(figure)


def drawn(figure, kind="polyline"):
    return [node for node in parsed(figure).find(".//svg").iter() if node.tag == kind]


def points(node):
    return [tuple(map(float, pair.split(","))) for pair in node.get("points").split()]


@given(VALUES, VALUES)
def test_ticks_span_the_range_and_rise(one, other):
    low, high = min(one, other), max(one, other)
    ticks = nice_ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert ticks[0] <= low + slack and ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    assert all(a < b for a, b in zip(ticks, ticks[1:], strict=False))
    labels = tick_labels(ticks)
    assert len(set(labels)) == len(labels) and max(map(len, labels)) <= 12


@pytest.mark.parametrize(
    ("ticks", "labels"),
    [
        ([0, 2500, 5000], ["0", "2500", "5000"]),  # no exponents for steps
        ([0, 20_000, 40_000], ["0", "20k", "40k"]),
        ([1e-5, 1.5e-5, 2e-5], ["1e-5", "1.5e-5", "2e-5"]),
        ([200_000, 200_000.5, 200_001], ["200000", "200000.5", "200001"]),  # else two alike
        ([-0.5, 0.0, 0.5], ["-0.5", "0", "0.5"]),
    ],
)
def test_labels_are_short_and_differ(ticks, labels):
    assert tick_labels(ticks) == labels


@given(st.lists(VALUES, min_size=2, max_size=60), st.booleans())
def test_a_curve_stays_inside_its_chart(values, smooth):
    series = Series("a", list(enumerate(values, 1)), smooth=smooth)
    lines = drawn(line_chart([series], title="a <b> & c"))
    assert len(lines) == 1 + smooth
    for line in lines:
        assert len(points(line)) == len(values)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points(line))


@given(st.lists(st.tuples(ANY, ANY), max_size=30))
def test_no_chart_chokes_on_what_a_run_may_log(pairs):
    pairs = sorted((pair for pair in pairs if not math.isnan(pair[0])), key=lambda pair: pair[0])
    series = Series("a", pairs, low=[y for _, y in pairs], high=[y for _, y in pairs])
    for figure in (
        line_chart([series], title="t", bands=(None, 1.0)),
        scatter_chart([series], title="t", x_label="x", y_label="y"),
        range_chart([("a", x, x, y) for x, y in pairs], title="t", reference=0.0),
    ):
        assert "nan" not in figure and 'inf"' not in figure and "inf," not in figure
        parsed(figure)


def test_up_is_more_and_the_label_says_the_ends():
    figure = line_chart([Series("Empathy", [(10, 0.0), (20, 0.5), (40, 1.0)])], title="Reward")
    (line,) = drawn(figure)
    ys = [y for _, y in points(line)]
    assert ys[0] > ys[1] > ys[2]
    label = parsed(figure).find("svg").get("aria-label")
    assert label == "Reward: Empathy: 0 at training step 10, 1 at 40"
    assert "0 → 1" in figure


def test_several_series_differ_in_color_and_dash_and_have_a_legend():
    series = [Series(f"run {place}", [(0, 0), (1, place)]) for place in range(STYLES)]
    figure = line_chart(series, title="Reward")
    kinds = [line.get("class") for line in drawn(figure)]
    assert kinds == [f"s{place} d{place}" for place in range(STYLES)]
    legend = parsed(figure).find("ul")
    assert ["".join(item.itertext()) for item in legend] == [one.name for one in series]


def test_a_spike_among_ten_thousand_points_is_drawn():
    values = [(step, 0.0) for step in range(10_000)]
    values[7777] = (7777, 9.0)
    (one,) = drawable([Series("grad", values)], peaks=True)
    assert len(one.points) <= MOST_POINTS + 2
    assert (7777, 9.0) in one.points and one.points[0] == (0, 0.0) and one.xs[-1] == 9999
    assert one.xs == sorted(one.xs)
    figure = line_chart([Series("grad", values)], title="Gradient norm")
    assert len(figure) < 20_000


def test_thinning_keeps_intervals_with_their_points():
    values = [(step, float(step % 7)) for step in range(1000)]
    low, high = [y - 1 for _, y in values], [y + 2 for _, y in values]
    (one,) = drawable([Series("a", values, low, high)], peaks=True)
    assert [y - 1 for y in one.ys] == one.low and [y + 2 for y in one.ys] == one.high


def test_ribbons_hold_the_ends_of_the_intervals():
    figure = line_chart([Series("a", [(0, 1), (9, 2)], [0, 1], [2, 3])], title="t")
    (ribbon,) = drawn(figure, "polygon")
    (line,) = drawn(figure)
    tops, bottoms = points(ribbon)[:2], points(ribbon)[2:][::-1]
    for top, middle, bottom in zip(tops, points(line), bottoms, strict=True):
        assert top[0] == middle[0] == bottom[0] and top[1] < middle[1] < bottom[1]


@pytest.mark.parametrize(
    ("bands", "words", "limits"),
    [
        ((0.2, 0.8), "healthy 0.2 to 0.8", 2),
        ((0.2, None), "healthy from 0.2", 1),
        ((None, 900.0), "healthy up to 900", 0),  # far off: it would squeeze the line
        (None, "", 0),
    ],
)
def test_healthy_bands(bands, words, limits):
    figure = line_chart([Series("a", [(0, 0.1), (1, 0.9)])], title="t", bands=bands)
    assert (words in figure) if words else "healthy" not in figure
    assert sum(line.get("class") == "limit" for line in drawn(figure, "line")) == limits
    for band in drawn(figure, "rect"):
        assert 0 < float(band.get("height")) <= HEIGHT


def test_points_have_tooltips_but_not_too_many():
    titles = drawn(line_chart([Series("a", [(4, 0.25), (8, 0.5)])], title="t"), "title")
    words = [title.text for title in titles]
    assert words == [
        "a: training step 4, 0.25",
        "a: training step 8, 0.5",
    ]
    many = line_chart([Series("a", [(step, step) for step in range(5000)])], title="t")
    assert len(drawn(many, "title")) <= 42


def test_ranges_keep_their_order_and_stay_on_the_scale():
    rows = [("a", 0.2, 0.1, 0.3), ("b", 0.9, 0.8, 1.7), ("void", math.nan, 0, 1)]
    figure = parsed(range_chart(rows, title="t", x_range=(0.0, 1.0), reference=0.0))
    assert len(figure.findall("ul/li")) == 2
    dots = [float(node.get("cx")[:-1]) for node in figure.iter("circle")]
    assert 0 < dots[0] < dots[1] < 100
    ends = [float(n.get("x2")[:-1]) for n in figure.iter("line")]
    assert max(ends) <= 97
    assert "0.9 (0.8 to 1.7)" in ["".join(item.itertext()) for item in figure.iter("span")]


def test_a_heat_map_shows_every_pair_with_its_sign():
    figure = heat_map(["a", EVIL], [[1.0, -0.25], [-0.25, math.nan]], title="Correlation")
    kinds = [rect.get("class") for rect in drawn(figure, "rect")]
    assert kinds == ["empty", "plus", "empty", "minus", "empty", "minus", "empty", "plus"]
    texts = [text.text for text in drawn(figure, "text") if text.get("class") == "value"]
    assert texts == ["1.00", "-0.25", "-0.25", "–"]


def test_names_from_outside_are_escaped():
    series = [Series(EVIL, [(0, 1), (1, 2)]), Series("b", [(0, 1), (1, 2)])]
    for figure in (
        line_chart(series, title=EVIL, x_label=EVIL),
        scatter_chart(series, title=EVIL, x_label=EVIL, y_label=EVIL),
        range_chart([(EVIL, 1, 0, 2)], title=EVIL),
        heat_map([EVIL], [[1.0]], title=EVIL),
    ):
        assert "<script" not in figure and "&lt;script&gt;" in figure
        parsed(figure)


@pytest.mark.parametrize("series", [[], [Series("a", [])], [Series("a", [(0, math.nan)])]])
def test_without_values_a_chart_says_so(series):
    assert "No values." in line_chart(series, title="t")
    assert "No values." in scatter_chart(series, title="t", x_label="x", y_label="y")
    assert "No values." in range_chart([], title="t") and "No values." in heat_map(
        [], [], title="t"
    )


@pytest.mark.parametrize("length", [2, 5, 40, 100])
def test_the_running_mean_smooths_and_keeps_the_length(length):
    values = [float(index % 2) for index in range(length)]
    smooth = running_mean(values)
    assert len(smooth) == length
    assert max(smooth) - min(smooth) < max(values) - min(values)
    assert running_mean([3.0] * length) == pytest.approx([3.0] * length)
