"""Where the time goes, by a clock that the test moves."""

import pytest

from emp_plugins.monitor.clock import Clock


class Time:
    """Stands still until it is told to pass."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def passes(self, seconds):
        self.now += seconds


class Trainer:
    """A trainer whose steps take known times."""

    def __init__(self, time, generates=True):
        self.time = time
        if generates:
            self._generate = lambda prompts: time.passes(5) or prompts
            self._calculate_rewards = lambda: time.passes(2)

    def training_step(self, batch):
        if hasattr(self, "_generate"):
            self._generate(batch)
            self._calculate_rewards()
        self.time.passes(3)
        return batch


def test_shares_of_a_run_that_generates():
    time = Time()
    trainer = Trainer(time)
    clock = Clock(trainer, time)
    assert trainer.training_step("batch") == "batch"
    time.passes(10)  # optimizer, logging, saving
    assert clock.lap() == {"generation": 0.25, "reward": 0.1, "update": 0.15}


def test_a_trainer_without_generation():
    time = Time()
    trainer = Trainer(time, generates=False)
    clock = Clock(trainer, time)
    trainer.training_step("batch")
    assert clock.lap() == {"update": 1.0}


def test_the_monitor_counts_once_also_inside_a_step():
    time = Time()
    trainer = Trainer(time)
    clock = Clock(trainer, time)
    original = trainer._calculate_rewards

    def kept():
        original()
        with clock.monitoring():
            time.passes(4)

    trainer._calculate_rewards = kept
    trainer.training_step("batch")
    with clock.monitoring():
        time.passes(6)
    parts = {"generation": 5, "reward": 2, "update": 3, "monitor": 10}
    assert clock.lap() == {name: seconds / 20 for name, seconds in parts.items()}
    assert (clock.own, clock.total) == (10, 20)


def test_what_an_evaluation_generates_is_no_part_of_the_updates():
    time = Time()
    trainer = Trainer(time)
    clock = Clock(trainer, time)
    trainer.training_step("batch")
    trainer._generate("held out")
    parts = {"generation": 10, "reward": 2, "update": 3}
    assert clock.lap() == {name: seconds / 15 for name, seconds in parts.items()}


def test_a_lap_begins_anew():
    time = Time()
    trainer = Trainer(time)
    clock = Clock(trainer, time)
    assert clock.lap() == {}
    trainer.training_step("batch")
    clock.lap()
    time.passes(1)
    assert clock.lap() == {}


def test_a_step_that_fails_is_counted():
    time = Time()

    class Failing:
        def training_step(self):
            time.passes(1)
            raise RuntimeError("out of memory")

    trainer = Failing()
    clock = Clock(trainer, time)
    with pytest.raises(RuntimeError, match="out of memory"):
        trainer.training_step()
    assert clock.lap() == {"update": 1.0}
