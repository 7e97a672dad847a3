"""Settings that are read past: each one is named, and a neighbor of it raises nothing."""

from pathlib import Path

import pytest
import yaml

from emp_plugins.check.settings.ignored import check

ROWS = yaml.safe_load((Path(__file__).parent / "ignored.yml").read_text())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["key"])
def test_row(row, edited):
    (finding,) = check(edited(row["base"], row["edit"]))
    assert (finding.key, finding.severity) == (row["key"], row.get("severity", "warning"))
    assert row["says"] in finding.message
    assert finding.suggestion or finding.severity == "note"
    assert list(check(edited(row["base"], row["but_not"]))) == []


def test_sound_recipes_raise_nothing(edited, bases):
    for base in bases:
        assert list(check(edited(base, {}))) == []
