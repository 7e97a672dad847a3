import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_tooling.report.charts import (
    HEIGHT,
    WIDTH,
    line_chart,
    nice_ticks,
    range_chart,
    running_mean,
)
from emp_tooling.report.history import Curve

VALUES = st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 6))


@given(VALUES, VALUES)
def test_ticks_span_the_range_and_rise(one, other):
    low, high = min(one, other), max(one, other)
    ticks = nice_ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert ticks[0] <= low + slack and ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    assert all(a < b for a, b in zip(ticks, ticks[1:], strict=False))


@given(st.lists(VALUES, min_size=2, max_size=60))
def test_a_curve_stays_inside_its_chart(values):
    svg = ET.fromstring(line_chart(Curve("a <b> & c", tuple(enumerate(values, 1)))))
    lines = [line for line in svg if line.tag == "polyline"]
    assert len(lines) == 2
    for line in lines:
        points = [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        assert len(points) == len(values)
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)


def test_a_chart_has_axes_and_says_what_it_shows():
    svg = ET.fromstring(line_chart(Curve("Empathy", ((10, 0.0), (20, 0.5), (40, 1.0)))))
    texts = [node.text for node in svg if node.tag == "text"]
    assert {"0", "0.5", "1", "10", "40", "training step"} <= set(texts)
    assert svg.get("aria-label") == "Empathy: 0 at step 10, 1 at 40"
    raw = next(node for node in svg if node.get("class") == "raw").get("points").split()
    ys = [float(point.split(",")[1]) for point in raw]
    assert ys[0] > ys[1] > ys[2]  # up is more


def test_ranges_keep_their_order_and_stay_on_the_scale():
    svg = ET.fromstring(range_chart((0.2, 0.1, 0.3), (0.9, 0.8, 1.7), 0.0, 1.0))
    dots = [float(node.get("cx")) for node in svg if node.tag == "circle"]
    assert 0 < dots[0] < dots[1] < 200
    assert all(float(node.get("x2")) <= 192 for node in svg if node.tag == "line")


@pytest.mark.parametrize("length", [2, 5, 40, 100])
def test_the_running_mean_smooths_and_keeps_the_length(length):
    values = [float(index % 2) for index in range(length)]
    smooth = running_mean(values)
    assert len(smooth) == length
    assert max(smooth) - min(smooth) < max(values) - min(values)
    assert running_mean([3.0] * length) == pytest.approx([3.0] * length)
