"""What a client says next: nothing twice, an opening that fits, risk as far as they trust."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.personas import load
from emp_datagen.simulation import Dialogue, Heard, Turn
from emp_datagen.simulation.record import EFFECTS
from emp_datagen.simulation.script import next_draft, write_script
from emp_datagen.simulation.words import FILE, load_words
from emp_plugins.affect.state import State
from emp_plugins.errors import InputError
from emp_plugins.safety import risk_level

WORDS = load_words()
STYLES = ("plain", "terse", "hostile", "deflecting", "rambling")
PERSONAS = load()
AT_RISK = next(persona for persona in PERSONAS if persona.key == "mdd")
HEARD = {
    "eased": Heard(1.0, 0.0, "", "eased"),
    "unmoved": Heard(0.0, 0.0, "", "unmoved"),
    "hurt": Heard(-1.0, 1.0, "harmful.contempt", "hurt"),
    "missed": Heard(-1.0, 1.0, "missed_risk", "hurt"),
}


def script_of(due=1, holds_back=True, risk=2, turns=4):
    for seed in range(200):
        script = write_script(AT_RISK, "heldout", seed, risk, turns)
        if (script.due, script.holds_back) == (due, holds_back):
            head = ("mdd", "MDD", "Mild", script.client.style, "heldout", seed, risk, turns)
            return script, Dialogue(*head)
    raise AssertionError("no seed draws this")


def play(script, dialogue, effects):
    """The drafts of a dialogue whose replies have these effects."""
    drafts = []
    for effect in (*effects, None):
        draft = next_draft(script, dialogue, WORDS)
        drafts.append(draft)
        turn = Turn(draft.text, State(), draft.disclosed, draft.withheld, draft.repeated)
        dialogue = replace(dialogue, turns=(*dialogue.turns, turn))
        dialogue = dialogue.closed("Hm.", HEARD[effect]) if effect else dialogue
    return drafts


@given(st.sampled_from(PERSONAS), st.integers(0, 2**32), st.integers(1, 30))
def test_nothing_is_said_twice_and_a_script_is_reproducible(persona, seed, turns):
    script = write_script(persona, "heldout", seed, 0, turns)
    assert script == write_script(persona, "heldout", seed, 0, turns)
    assert len(script.bodies) == turns and script.due == 0
    assert script.client.situation in persona.situations.heldout
    told = " ".join(body.text for body in script.bodies)
    said = [item.text for item in (*persona.symptoms, *persona.thoughts)]
    inside = [text for text in said if any(text != o and text in o for o in said)]
    assert all(told.count(text) <= 1 for text in said if text not in inside)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("effect", EFFECTS)
def test_the_opening_fits_what_was_heard(effect, style):
    sentences = WORDS.reactions_for(effect, style)
    assert len(sentences) >= 10
    script, dialogue = script_of(due=3)
    dialogue = replace(dialogue, style=style, turns=(Turn("I am tired.", State()),))
    draft = next_draft(script, dialogue.closed("Hm.", HEARD[effect]), WORDS)
    assert any(draft.text == f"{one} {script.bodies[1].text}" for one in sentences)


def test_openings_are_not_repeated_while_there_are_others():
    script, dialogue = script_of(due=1, holds_back=False, turns=4)
    texts = [draft.text for draft in play(script, dialogue, ["unmoved"] * 3)]
    openings = [
        next(s for s in WORDS.reactions_for("unmoved", dialogue.style) if text.startswith(s))
        for text in texts[1:]
    ]
    assert len(set(openings)) == 3


@pytest.mark.parametrize(
    ("due", "holds_back", "effects", "levels", "withheld", "repeated"),
    [
        (1, True, ["eased", "eased", "eased"], [2, 0, 0, 0], 0, 0),  # at once, and taken up
        (2, True, ["eased", "eased", "eased"], [0, 2, 0, 0], 0, 0),
        (2, True, ["hurt", "eased", "eased"], [0, 0, 2, 0], 2, 0),  # held back for one turn
        (2, True, ["hurt", "hurt", "hurt"], [0, 0, 2, 0], 2, 0),  # for one turn only
        (2, False, ["hurt", "eased", "eased"], [0, 2, 0, 0], 0, 0),  # not everybody does
        (2, True, ["unmoved", "eased", "eased"], [0, 2, 0, 0], 0, 0),  # unmoved is not hurt
        (1, True, ["missed", "eased", "eased"], [2, 2, 0, 0], 0, 2),  # told again
        (1, True, ["missed", "missed", "missed"], [2, 2, 0, 0], 0, 2),  # and then given up
        (1, True, ["hurt", "eased", "eased"], [2, 0, 0, 0], 0, 0),  # shamed, but not missed
    ],
)
def test_disclosure(due, holds_back, effects, levels, withheld, repeated):
    drafts = play(*script_of(due, holds_back), effects)
    assert [draft.disclosed for draft in drafts] == levels
    assert [n for n, draft in enumerate(drafts, 1) if draft.withheld] == [withheld] * bool(withheld)
    assert [n for n, draft in enumerate(drafts, 1) if draft.repeated] == [repeated] * bool(repeated)


def test_what_is_told_again_is_said_in_so_many_words():
    script, dialogue = script_of()
    second = play(script, dialogue, ["missed"])[1].text
    plain = AT_RISK.risk.disclosures[2].plain
    assert script.retelling in second and script.retelling in plain
    assert any(second.startswith(opening) for opening in WORDS.again_for(dialogue.style))


def test_reactions_hold_no_risk():
    groups = [*EFFECTS, "again"]
    texts = [s for group in groups for style in STYLES for s in getattr(WORDS, group).of(style)]
    assert len(texts) == len(set(texts))
    assert [text for text in texts if risk_level(text)] == []


@pytest.mark.parametrize(
    ("risk", "turns", "what"),
    [(5, 4, "risk: expected a level"), (-1, 4, "risk: expected a level"), (0, 0, "turns: exp")],
)
def test_what_cannot_be(risk, turns, what):
    with pytest.raises(InputError, match=what):
        write_script(AT_RISK, "heldout", 0, risk, turns)


def test_a_persona_that_never_discloses_a_level():
    calm = AT_RISK.model_copy(update={"risk": AT_RISK.risk.model_copy(update={"disclosures": {}})})
    with pytest.raises(InputError, match="mdd has no sentence that discloses level 3"):
        write_script(calm, "heldout", 0, 3, 4)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("- a list", "expected a mapping"),
        ("eased: {plain: [Yes.]}", "unmoved"),  # a class is missing
        ("eased: {terse: [Yes.]}\nunmoved: {plain: [Hm.]}", "plain"),  # no plain sentences
    ],
)
def test_a_broken_bank(tmp_path, text, what):
    (tmp_path / FILE).write_text(text)
    with pytest.raises(InputError, match=what):
        load_words(tmp_path)


def test_a_bank_without_the_file_takes_the_packages(tmp_path):
    assert load_words(tmp_path) == WORDS
