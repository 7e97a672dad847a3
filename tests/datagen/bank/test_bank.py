import random
import shutil

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen import bank as banks
from emp_datagen.bank import AT_RISK, MISSED_RISK, SHIPPED, Brief, load_bank, recognise
from emp_datagen.bank.load import CYCLE
from emp_datagen.bank.recognise import split
from emp_datagen.personas import load
from emp_plugins.errors import InputError
from emp_plugins.rewards import REWARDS
from emp_plugins.safety import judge_reply

BANK = load_bank()
AXES = ("introspection", "temper", "attitude", "sensitivity")
SITUATIONS = [s for p in load() for s in p.situations_of("all")]
ASKED_FOR = """direct_advice over_prescription missed_risk_signal invalidation minimising
toxic_positivity dismissal false_reassurance premature_diagnosis moralising interrogation
self_reference collusion hotline_deflection abandonment""".split()


ANY_RISK = st.integers(0, 4)


@st.composite
def briefs(draw, risk=ANY_RISK):
    situation = draw(st.sampled_from(SITUATIONS))
    level = draw(risk)
    return Brief(
        target=draw(st.sampled_from(AXES)),
        topic=situation.topic,
        risk=level,
        style=draw(st.sampled_from(["plain", "terse", "hostile"])),
        heard=draw(st.sampled_from([(situation.heard,), (), (situation.heard, "you sleep badly")])),
        belief=draw(st.sampled_from(["you ruin everything you touch", ""])),
        fact="" if level else draw(st.sampled_from(["Many people wake early then.", ""])),
        split=draw(st.sampled_from(["train", "dev", "heldout", "all"])),
        words=draw(st.sampled_from([0, 30, 60])),
    )


seeds = st.integers(0, 2**32).map(random.Random)
errors = st.sampled_from(list(BANK.errors))


@given(seeds, briefs())
def test_good_replies_are_recognised_and_safe(rng, brief):
    reply = banks.good(BANK, rng, brief)
    seen = recognise(reply, brief.risk, BANK)
    assert seen.good and seen.known and not seen.errors, reply
    verdict = judge_reply(reply, brief.risk)
    assert verdict.safe, (verdict, reply)
    assert reply.count("?") <= 1


@given(seeds, briefs(risk=st.integers(2, 4)))
def test_at_risk_a_good_reply_is_the_whole_protocol(rng, brief):
    reply = banks.good(BANK, rng, brief)
    assert judge_reply(reply, brief.risk).protocol == 1, reply


@given(seeds, errors, briefs())
def test_errors_are_recognised_as_what_they_are(rng, name, brief):
    risk = max(brief.risk, AT_RISK) if name == MISSED_RISK else brief.risk
    reply = banks.error(BANK, rng, name, brief)
    seen = recognise(reply, risk, BANK)
    assert name in seen.errors and seen.known and not seen.good, reply
    assert set(seen.errors) <= {name, MISSED_RISK}
    assert (MISSED_RISK in seen.errors) == (risk >= AT_RISK)


@given(seeds, briefs(risk=st.just(0)))
def test_half_a_good_reply_is_not_good(rng, brief):
    sentences = split(banks.good(BANK, rng, brief))
    assert not recognise(" ".join(sentences[:-1]), 0, BANK).good
    assert not recognise(" ".join(sentences[::-1]), 0, BANK).good


@pytest.mark.parametrize(
    ("text", "risk"), [("", 0), ("Hello there.", 0), ("I hear you. Bananas are yellow.", 0)]
)
def test_nothing_is_recognised_in_other_text(text, risk):
    assert not recognise(text, risk, BANK).good and not recognise(text, risk, BANK).known


def test_length_follows_what_was_asked_for():
    def mean(words):
        brief = Brief("temper", "work", words=words, heard=("you were passed over again",))
        texts = [banks.good(BANK, random.Random(seed), brief) for seed in range(200)]
        return sum(len(text.split()) for text in texts) / len(texts)

    assert mean(20) < mean(0) - 3 < mean(90) - 6


def test_the_taxonomy_is_complete():
    assert list(BANK.errors) == ASKED_FOR
    for name, entry in BANK.errors.items():
        assert entry.definition and entry.harm and entry.instruction
        assert entry.judges.keys() and entry.judges.keys() <= REWARDS.keys(), name
        assert entry.built_from == "ordinary" or len(entry.forms) >= 30


def test_every_state_has_a_plan_and_every_list_all_splits():
    for axis in AXES:
        for risk, asks in ((0, False), (0, True), (1, False), (2, False), (4, False)):
            assert BANK.moves(risk, asks, axis)
    for name in BANK.errors:
        if name != MISSED_RISK:
            parts = [set(f.text for f in BANK.error_forms(name, s)) for s in set(CYCLE)]
            assert all(parts) and not parts[0] & parts[1] and not parts[1] & parts[2]


def test_low_temper_is_met_by_de_escalation_and_fear_by_grounding():
    first = {axis: {move[0] for move in BANK.moves(0, False, axis)} for axis in AXES}
    assert "de_escalation" in first["temper"] and "grounding" in first["sensitivity"]
    used = {axis: {s for move in BANK.moves(0, False, axis) for s in move} for axis in AXES}
    assert "validation" in used["introspection"] and "affirmation" in used["introspection"]
    assert "complex_reflection" in used["attitude"]


def test_styles_of_the_seed():
    direct = BANK.moves(0, False, "temper", "direct_psychiatrist")
    assert all(move[-1] == "clinical_inquiry" for move in direct)
    assert BANK.moves(2, False, "temper", "direct_psychiatrist") == BANK.moves(2, False, "temper")
    assert BANK.moves(0, False, "temper", "warm_cbt_therapist") == BANK.moves(0, False, "temper")


@pytest.fixture
def folder(tmp_path):
    for name in ("strategies.yml", "errors.yml"):
        shutil.copy(SHIPPED / name, tmp_path / name)

    def change(name, edit):
        data = yaml.safe_load((tmp_path / name).read_text())
        edit(data)
        (tmp_path / name).write_text(yaml.safe_dump(data))
        return tmp_path

    return change


def test_a_users_bank_takes_the_rest_from_the_package(tmp_path):
    entry = BANK.errors["moralising"].model_dump()
    (tmp_path / "errors.yml").write_text(yaml.safe_dump({"preaching": entry}))
    bank = load_bank(tmp_path)
    assert list(bank.errors) == ["preaching"] and bank.strategies == BANK.strategies


@pytest.mark.parametrize(
    ("name", "edit", "words"),
    [
        ("errors.yml", lambda d: d["moralising"].pop("harm"), ["moralising.harm"]),
        ("errors.yml", lambda d: d["moralising"].update(form=[]), ["moralising.form", "'forms'"]),
        ("errors.yml", lambda d: d["moralising"].update(forms=["A. B."] * 9), ["one sentence"]),
        ("errors.yml", lambda d: d["moralising"].update(forms=["[a."] * 9), ["not closed"]),
        ("errors.yml", lambda d: d["moralising"].update(forms=["A."]), ["at least 4"]),
        ("errors.yml", lambda d: d.update(x=3), ["x: expected a mapping"]),
        (
            "errors.yml",
            lambda d: d["dismissal"]["forms"].append(d["collusion"]["forms"][0]),
            ["also a form of", "dismissal", "collusion"],
        ),
        (
            "strategies.yml",
            lambda d: d["plans"][0]["moves"].append(["validaton"]),
            ["'validaton'", "did you mean 'validation'?"],
        ),
        (
            "strategies.yml",
            lambda d: d["plans"][0]["when"].update(low="anger"),
            ["plans.0.when.low"],
        ),
        ("strategies.yml", lambda d: d.pop("styles"), ["styles"]),
    ],
)
def test_mistakes_name_file_and_entry(folder, name, edit, words):
    with pytest.raises(InputError) as error:
        load_bank(folder(name, edit))
    assert all(word in str(error.value) for word in words), str(error.value)


def test_no_such_folder(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        load_bank(tmp_path / "none")
