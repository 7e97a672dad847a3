"""Findings as people, scripts and GitHub read them."""

import json

import pytest

from emp_plugins.check import Finding
from emp_tooling.check.formats import as_github, as_json, as_text, summary

ERROR = Finding("r.yml", 3, 5, "trl.bta", "error", "unknown key", "did you mean beta?")
WARNING = Finding("r.yml", 1, 1, "rl", "warning", "odd")
NOTE = Finding("r.yml", 0, 0, "", "note", "50 % of it\nor less")


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (ERROR, "r.yml:3:5: trl.bta: unknown key; did you mean beta?"),
        (WARNING, "r.yml:1:1: warning: rl: odd"),
        (NOTE, "r.yml: note: 50 % of it\nor less"),
    ],
)
def test_text(finding, line):
    assert as_text([finding]) == line


def test_json_has_every_field():
    fields = ["file", "line", "column", "key", "severity", "message", "suggestion"]
    rows = json.loads(as_json([ERROR, NOTE]))
    assert [list(row) for row in rows] == [fields, fields]
    assert rows[0]["suggestion"] == "did you mean beta?" and rows[1]["line"] == 0
    assert json.loads(as_json([])) == []


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            ERROR,
            "::error file=r.yml,line=3,col=5,title=trl.bta::unknown key; did you mean beta?",
        ),
        (NOTE, "::notice file=r.yml::50 %25 of it%0Aor less"),
        (
            Finding("a,b:c.yml", 1, 1, "k", "warning", "m"),
            "::warning file=a%2Cb%3Ac.yml,line=1,col=1,title=k::m",
        ),
    ],
)
def test_github(finding, line):
    assert as_github([finding]) == line


def test_summary():
    assert summary(1, [ERROR, WARNING, WARNING, NOTE]) == "1 recipe: 1 error, 2 warnings"
