"""The report of two runs, as a reader sees it."""

import pytest

from emp_tooling.report.build import write_report
from emp_tooling.report.run import read_run

from ..pages.looks import look


@pytest.fixture(scope="module")
def both(healthy, harsh, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    write_report(path, [read_run(healthy), read_run(harsh)])
    return path


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_two_runs_are_readable(browser, both, width, dark):
    seen = look(browser, both, width=width, dark=dark)
    assert seen.errors == [] and not seen.overflow and seen.overlaps == []
    assert len(seen.charts) > 25
    for chart in seen.charts:
        assert chart.label and chart.painted, chart
        assert chart.width > 100 and chart.height > 10, chart
    assert "low Temper" in seen.text and "too harsh with angry clients" in seen.text
