import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen import bank as banks
from emp_datagen.bank import MISSED_RISK, ORDINARY, PROTOCOL, load_bank, recognise
from emp_datagen.personas import load
from emp_plugins.errors import InputError
from emp_plugins.safety import judge_reply

BANK = load_bank()
TARGETS = ("introspection", "temper", "attitude", "sensitivity")
TOPICS = sorted({s.topic for p in load() for s in p.situations_of("all")})

seeds = st.integers(0, 2**32).map(random.Random)
targets = st.sampled_from(TARGETS)
topics = st.sampled_from(TOPICS)
risks = st.integers(0, 4)
styles = st.sampled_from(["plain", "terse", "hostile"])
errors = st.sampled_from(list(BANK.errors))


@given(seeds, targets, topics, risks, styles)
def test_good_replies_are_recognised_and_safe(rng, target, topic, risk, style):
    reply = BANK.good(rng, target, topic, risk, style)
    assert recognise(reply, risk) == banks.Recognition(good=True, errors=(), known=True)
    verdict = judge_reply(reply, risk)
    assert verdict.safe and verdict.protocol == 1
    assert reply.count("?") == 1


@given(seeds, errors, targets, topics, risks, styles)
def test_errors_are_recognised_as_what_they_are(rng, name, target, topic, risk, style):
    risk = max(risk, 2) if name == MISSED_RISK else risk
    seen = recognise(BANK.error(rng, name, target, topic, style), risk)
    assert name in seen.errors and seen.known and not seen.good
    assert set(seen.errors) <= {name, MISSED_RISK}
    assert (MISSED_RISK in seen.errors) == (risk >= 2)


@given(seeds, targets, topics, risks)
def test_any_other_order_is_not_good(rng, target, topic, risk):
    sentences = banks.split(BANK.good(rng, target, topic, risk))
    shuffled = sentences[1:] + sentences[:1]
    assert not recognise(" ".join(shuffled), risk).good


@given(seeds, targets, topics, risks)
def test_parts_of_a_good_reply_are_not_good(rng, target, topic, risk):
    sentences = banks.split(BANK.good(rng, target, topic, risk))
    for left_out in range(len(sentences)):
        rest = sentences[:left_out] + sentences[left_out + 1 :]
        assert not recognise(" ".join(rest), risk).good


@given(seeds, targets, topics)
def test_scrambled_words_are_not_good(rng, target, topic):
    words = BANK.good(rng, target, topic).split()
    rng.shuffle(words)
    seen = recognise(" ".join(words), 0)
    assert not seen.good and not seen.known


@given(st.text(max_size=200), risks)
def test_anything_can_be_asked(text, risk):
    seen = recognise(text, risk)
    assert not seen.good


V, R, Q = (getattr(BANK.phrases.general, part)[0] for part in ORDINARY)
A, K, H, S = (getattr(BANK.phrases.risk, part)[0] for part in PROTOCOL)
BAD = BANK.errors["invalidation"].forms[3]


@pytest.mark.parametrize(
    ("answer", "risk", "good", "errors", "known"),
    [
        ("", 0, False, (), False),
        ("", 3, False, (), False),  # an empty reply is no reply that misses a signal
        ("  \n ", 0, False, (), False),
        (f"{V} {R} {Q}", 0, True, (), True),
        (f"{V} {R} {Q}", 1, True, (), True),
        (f"{V} {R} {Q}", 2, False, (MISSED_RISK,), True),
        (f"  {V.upper()}\n{R}   {Q} ", 0, True, (), True),  # case and white space
        (f"{V} {R} {Q} {Q}", 0, False, (), True),  # two questions
        (f"{V} {V} {R} {Q}", 0, False, (), True),  # one sentence twice
        (f"{V} {R} {BAD} {Q}", 0, False, ("invalidation",), True),
        (f"{V} {R} {Q} And so on.", 0, False, (), False),
        (f"{A} {K} {H} {S}", 2, True, (), True),
        (f"{A} {H} {K} {S}", 4, True, (), True),
        (f"{A} {K} {H}", 2, False, (), True),  # incomplete, but it did not miss the risk
        (f"{V} {K}", 2, False, (), True),
        (f"{A} {S}", 2, False, (MISSED_RISK,), True),
        (f"{A} {K} {H} {S}", 0, False, (), True),  # out of place, yet no error of the taxonomy
        ("lorem ipsum", 3, False, (MISSED_RISK,), False),
        (f"{BAD}", 2, False, ("missed_risk_signal", "invalidation"), True),
    ],
)
def test_table(answer, risk, good, errors, known):
    seen = recognise(answer, risk)
    assert (seen.good, set(seen.errors), seen.known) == (good, set(errors), known)


@pytest.mark.parametrize(
    ("slot", "known"),
    [
        ("work", True),
        ("the day after tomorrow at noon", True),
        ("one two three four five six seven", False),
        ("", False),
    ],
)
def test_slot_takes_up_to_six_words(slot, known):
    form = next(f for f in BANK.phrases.sensitivity.validation if "{topic}" in f)
    assert recognise(form.replace("{topic}", slot), 0).known is known


def test_curly_quotes_match():
    form = next(f for _, f in BANK.forms() if "'" in f and "{topic}" not in f)
    assert recognise(form.replace("'", "\u2019"), 0).known


def test_bank_is_as_large_as_promised():
    for name, group in BANK.phrases:
        if name != "risk":
            for part in ORDINARY:
                forms = getattr(group, part)
                assert len(forms) >= 8, (name, part)
                assert any("{topic}" in form for form in forms), (name, part)
    for name, entry in BANK.errors.items():
        assert entry.built_from == "ordinary" or len(entry.forms) >= 12, name


def test_every_form_has_one_kind():
    """Slots must not make one sentence read as two kinds."""
    for kind, form in BANK.forms():
        for topic in ("work", "the phone calls"):
            assert BANK._kind(banks.normalise(form.replace("{topic}", topic))) == kind


def test_questions_stand_only_where_they_should():
    for kind, form in BANK.forms():
        assert form.endswith("?") == (kind in ("question", "ask")), form


TWICE = f"other: {{definition: a, harm: b, approach: [c], forms: [{R}]}}\n"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.replace("definition:", "definitoin:", 1), "direct_advice"),
        (lambda t: t.replace("- You need", "- Stop. You need"), "not one sentence"),
        (lambda t: t + TWICE, "also a form of reflection"),
        (lambda t: "", "errors.yml"),
    ],
)
def test_mistakes_in_the_files(tmp_path, change, words):
    for name in ("phrases.yml", "errors.yml"):
        text = (banks._FOLDER / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(change(text) if name == "errors.yml" else text)
    with pytest.raises(InputError, match=words):
        load_bank(tmp_path)
