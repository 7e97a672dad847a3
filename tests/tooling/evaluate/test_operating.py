"""How often the verdict is wrong, on fewer evaluations than the figures in the docs."""

import pytest

from emp_tooling.evaluate.operating import World, found_loss, share


def test_equal_models_are_called_worse_in_under_5_percent_of_evaluations():
    assert share("worse", World(), runs=100, seed=7) <= 0.05


@pytest.mark.parametrize("guard", ["agreement", "instructions", "distinct"])
def test_a_guard_that_loses_10_points_at_200_units_is_found(guard):
    assert found_loss(World(loss=guard), runs=40, seed=3) >= 0.75


def test_a_loss_within_the_tolerance_is_no_more_often_found_than_chance():
    assert found_loss(World(loss="safe", points=0.01), runs=40, seed=3) <= 0.1
