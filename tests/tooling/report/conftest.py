"""A healthy and an unhealthy run, as folders."""

import json

import pytest

from .runs import EVIL, RECIPE, evaluation, write_run

WARNING = {
    "step": 40,
    "rule": "toxic_drift",
    "message": "polarity rose while acknowledgement fell",
    "advice": "raise the weight of empathy",
    "values": {"polarity": 0.4},
    "stopped": True,
}


@pytest.fixture(scope="session")
def healthy(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("runs") / "healthy")


@pytest.fixture(scope="session")
def harsh(tmp_path_factory):
    """Warned of, evaluated as worse, with hostile text wherever a user can put some."""
    recipe = {**RECIPE, "learning_rate": 1.0, "wandb_project": EVIL}
    warnings = (WARNING, {**WARNING, "rule": EVIL, "message": EVIL, "stopped": False})
    folder = write_run(
        tmp_path_factory.mktemp("runs") / "harsh_with_a_long_name_second_try",
        recipe=recipe,
        temper=-0.6,
        warnings=warnings,
        seed=1,
    )
    (folder / "evaluation.json").write_text(json.dumps(evaluation()))
    return folder
