"""Vague sentences of the middle of a conversation, which the risk judge was not trained on."""

from pathlib import Path

import yaml

from emp_plugins import judges
from emp_plugins.judges.embedded import risk_corpus
from emp_plugins.rewards.client import AT_RISK, read

HARMLESS = yaml.safe_load(Path(__file__).with_name("mid_conversation.yml").read_text("utf-8"))


def alarms(messages):
    found = read(messages, judges.load("risk").score(messages))
    return [said for said, risk in zip(messages, found, strict=True) if risk.level >= AT_RISK]


def test_few_are_read_as_risk():
    """A crisis panel in the chat each: 11 when the bound was set."""
    assert len(HARMLESS) > 100
    assert len(alarms(HARMLESS)) <= 0.11 * len(HARMLESS)


def test_the_judge_has_not_seen_them():
    assert not {message.text for message in risk_corpus.load()} & set(HARMLESS)


def test_brevity_is_not_taken_for_harmless():
    """It was trained on these, so the bound is high."""
    own = [m for m in risk_corpus.load() if m.writer == "m" and m.level >= AT_RISK]
    short = [m.text for m in own if len(m.text.split()) <= 10]
    assert len(short) > 20
    assert len(alarms(short)) >= 0.85 * len(short)
