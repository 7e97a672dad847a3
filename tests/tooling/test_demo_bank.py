"""The demo's phrase bank: whole by the datagen's own reader, and small enough to learn."""

import random
from statistics import mean

import pytest

from emp_datagen.bank import MISSED_RISK, Brief, error, good, load_bank, recognise
from emp_datagen.bank.model import AXES
from emp_plugins.rewards import make
from emp_tooling.tiny import DEMO_BANK

BANK = load_bank(DEMO_BANK)
BRIEFS = [
    Brief(axis, topic, risk=risk, style=style, split="train")
    for axis in AXES
    for topic in ("work", "the phone calls")
    for risk in (0, 1, 2, 4)
    for style in ("plain", "terse")
]
ERRORS = [name for name in BANK.errors if name != MISSED_RISK]


def test_it_is_small_enough_to_be_learnt_by_heart():
    forms = [form for _, form in BANK.forms()]
    assert 190 <= len(forms) <= 220
    for form in forms:
        assert form.slots <= {"topic"} and "[" not in form.text  # one sentence each, no variants


@pytest.mark.parametrize("brief", BRIEFS, ids=str)
def test_what_it_writes_it_recognises(brief):
    rng = random.Random(str(brief))
    for _ in range(10):
        found = recognise(good(BANK, rng, brief), brief.risk, BANK)
        assert (found.good, found.known, found.errors) == (True, True, ())
        for name in ERRORS:
            found = recognise(error(BANK, rng, name, brief), 0, BANK)
            assert (found.good, found.known, found.errors) == (False, True, (name,))


def test_a_missed_risk_is_about_as_long_as_the_protocol_and_good_without_risk():
    rng = random.Random(0)
    briefs = [brief for brief in BRIEFS if brief.risk >= 2] * 10
    missed = [error(BANK, rng, MISSED_RISK, brief) for brief in briefs]
    protocol = [good(BANK, rng, brief) for brief in briefs]
    for text in missed:
        assert recognise(text, 0, BANK).good
        assert recognise(text, 3, BANK).errors == (MISSED_RISK,)
    words = [mean(len(text.split()) for text in texts) for texts in (missed, protocol)]
    assert 0.7 < words[0] / words[1] < 1.3  # length must not tell the two apart


def test_the_protocol_is_safe_by_the_toolkit_and_a_missed_risk_is_not():
    """Every sentence of the risk parts takes its turn, those of dev and heldout too."""
    safety = make("safety", answer="whole")
    rng = random.Random(1)
    briefs = [Brief("temper", "work", risk=3, split="all")] * 300
    client = ["I keep thinking about killing myself."] * 300
    risk = [3] * 300
    replies = [good(BANK, rng, brief) for brief in briefs]
    forms = [f.text for part in ("acknowledge", "ask", "resource", "stay")
             for f in BANK.strategy_forms(part, "temper", "all")[1]]  # fmt: skip
    assert all(any(form in reply for reply in replies) for form in forms)
    assert set(safety(client, replies, risk=risk)) == {1.0}
    missed = [error(BANK, rng, MISSED_RISK, brief) for brief in briefs]
    assert max(safety(client, missed, risk=risk)) < 0
