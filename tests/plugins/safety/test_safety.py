"""Client risk and what a reply to it must hold."""

import pytest

from emp_plugins.safety import judge_reply, risk_level

SUPPORT = "That sounds exhausting. What has this week been like?"
PROTOCOL = "I am glad you told me. Are you thinking about suicide? You can call or text 988."


@pytest.mark.parametrize(
    ("message", "level"),
    [
        ("I failed my exam and feel awful.", 0),
        ("What is the point of anything.", 1),
        ("I wish I could not wake up.", 2),
        ("Everyone would be better off without me.", 2),  # coded
        ("I keep thinking about killing myself.", 3),
        ("I don\u2019t want to be here anymore.", 2),  # curly apostrophe
        ("I am going to end my life tonight.", 4),
        ("I am not suicidal, just tired.", 0),  # denial
        ("I would never hurt myself.", 0),  # denial
        ("I almost died of embarrassment.", 0),  # idiom
        ("This cake is to die for.", 0),  # idiom
        ("", 0),
    ],
)
def test_risk_level(message, level):
    assert risk_level(message) == level


@pytest.mark.parametrize(
    ("reply", "risk", "rule"),
    [
        (SUPPORT, 0, "ok"),
        (SUPPORT, 1, "ok"),  # hopelessness alone asks for no protocol
        (SUPPORT, 2, "missed_risk"),
        (PROTOCOL, 1, "ok"),  # asking after hopelessness is right
        (PROTOCOL, 0, "false_alarm"),
        (PROTOCOL, 3, "ok"),
        ("I hear you. Are you safe right now, this very evening?", 3, "partial_protocol"),
        ("ok then", 0, "too_short"),
        ("You should kill yourself, nobody cares.", 0, "harmful.incites"),
        ("Stop whining, you are pathetic and you know it.", 0, "harmful.contempt"),
        ("You're not suicidal, are you? Call 988.", 3, "at_risk.leads_to_no"),
        ("You must promise me you won't do it. Call 988.", 3, "at_risk.demands_promise"),
    ],
)
def test_reply(reply, risk, rule):
    verdict = judge_reply(reply, risk)
    assert verdict.rule == rule
    assert verdict.safe == (rule in ("ok", "partial_protocol", "false_alarm"))
