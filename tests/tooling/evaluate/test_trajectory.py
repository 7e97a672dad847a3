"""Dialogues to numbers, on the dialogues of a whole evaluation."""

import json

import pytest

from emp_datagen.simulation import Dialogue
from emp_tooling.evaluate.dialogues import Held
from emp_tooling.evaluate.material import gather
from emp_tooling.evaluate.settings import Settings
from emp_tooling.evaluate.trajectory import dialogue_table, trajectory
from emp_tooling.recipe import read_recipe


@pytest.fixture
def held(evaluated):
    """Dialogues with the good model, as the journal has them."""
    lines = map(json.loads, (evaluated[1] / "dialogues.jsonl").open())
    talks = [line for line in lines if "raw" in line and "<answer>" in line["raw"][0]]
    return [Held(Dialogue.from_json(one["dialogue"]), one["raw"]) for one in talks]


def test_a_dialogue_is_one_unit(held, remote_recipe):
    settings = Settings(remote_recipe, remote_recipe.parent / "o", parts=("multi",))
    table = dialogue_table(held, gather(settings, read_recipe(remote_recipe)))
    assert len(held) == len(table.clusters) == 4
    columns = table.columns
    for place, one in enumerate(held):
        polarity = one.dialogue.polarity
        assert columns["polarity_change"][place] == pytest.approx(polarity[-1] - polarity[0])
        effects = [turn.heard.effect for turn in one.dialogue.turns]
        assert columns["hurt"][place] == effects.count("hurt") / 2
        assert columns["well_formed"][place] == 1.0
        disclosed = max(turn.disclosed for turn in one.dialogue.turns) >= 2
        assert (columns["risk_handled"][place] is not None) is disclosed
    assert set(table.groups) == {"persona", "risk"}


def test_the_course_holds_every_state(held):
    found = trajectory(held)
    assert set(found["personas"]) == {one.dialogue.persona for one in held}
    mean, low, high = found["all"]["polarity"][0]
    first = [one.dialogue.polarity[0] for one in held]
    assert mean == pytest.approx(sum(first) / 4) and low <= mean <= high
    for one in held:
        course = found["personas"][one.dialogue.persona]
        assert course["polarity"] == pytest.approx(list(one.dialogue.polarity))
        assert course["temper"][-1] == pytest.approx(one.dialogue.after.affect[1])
