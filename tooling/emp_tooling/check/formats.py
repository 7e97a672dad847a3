"""Findings as text, as JSON and as annotations of a GitHub workflow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from emp_plugins.check import Finding

Format = Callable[[Sequence[Finding]], str]

_GITHUB = {"error": "error", "warning": "warning", "note": "notice"}


def as_text(findings: Sequence[Finding]) -> str:
    """One line a finding; what is no error says so.

    Args:
        findings: In the order to show.

    Returns:
        Lines without a newline at the end.

    Example:
        >>> print(as_text([Finding("a.yml", 2, 1, "rl", "warning", "is odd", "drop it")]))
        a.yml:2:1: warning: rl: is odd; drop it
    """
    return "\n".join(_line(finding) for finding in findings)


def as_json(findings: Sequence[Finding]) -> str:
    """A list of objects with ``file, line, column, key, severity, message, suggestion``."""
    return json.dumps([finding.as_dict() for finding in findings], indent=2, ensure_ascii=False)


def as_github(findings: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the line.

    Args:
        findings: In the order to show.

    Returns:
        Lines without a newline at the end.

    Example:
        >>> print(as_github([Finding("a.yml", 2, 1, "rl", "note", "50 % of it")]))
        ::notice file=a.yml,line=2,col=1,title=rl::50 %25 of it
    """
    return "\n".join(_annotation(finding) for finding in findings)


FORMATS: Mapping[str, Format] = {"text": as_text, "json": as_json, "github": as_github}


def summary(files: int, findings: Sequence[Finding]) -> str:
    """How many of each kind there are.

    Args:
        files: Number of recipes that were read.
        findings: What was found.

    Returns:
        A line.

    Example:
        >>> summary(2, [])
        '2 recipes: 0 errors, 0 warnings'
    """
    count = Counter(finding.severity for finding in findings)
    counted = (_plural(count[kind], kind) for kind in ("error", "warning"))
    return f"{_plural(files, 'recipe')}: {', '.join(counted)}"


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _line(finding: Finding) -> str:
    if finding.severity == "error":
        return str(finding)
    place = finding.place
    return f"{place}: {finding.severity}: {str(finding).removeprefix(f'{place}: ')}"


def _annotation(finding: Finding) -> str:
    place = f",line={finding.line},col={finding.column}" if finding.line else ""
    title = f",title={_property(finding.key)}" if finding.key else ""
    text = finding.message + (f"; {finding.suggestion}" if finding.suggestion else "")
    file = _property(finding.file)
    return f"::{_GITHUB[finding.severity]} file={file}{place}{title}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
