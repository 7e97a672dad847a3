"""Measures a model while it trains: before the first step, every N steps and at the end."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import PrinterCallback, ProgressCallback, Trainer, TrainerCallback

from emp_plugins.errors import InputError
from emp_plugins.measure import Measured, measure
from emp_plugins.monitor import completions, prompts, record
from emp_plugins.monitor.alarm import Alarm
from emp_plugins.monitor.clock import Clock
from emp_plugins.monitor.console import end_line, failure_line, point_line, say, warning_line
from emp_plugins.monitor.failure import reason
from emp_plugins.monitor.generate import Sampling, kept_random_state, sample
from emp_plugins.monitor.metrics import make_point, metrics
from emp_plugins.monitor.provenance import run_line
from emp_plugins.monitor.scoring import Rewards, check_skipped, trainer_rewards

LONGEST = 256
GIB = 1 << 30


class Monitor(TrainerCallback):
    """Watches one run, as ``empathy.monitor`` of its recipe says.

    All processes generate together; the main one measures, logs, writes and decides. A run trains
    exactly as it would without a monitor, unless a rule of ``stop_on`` ends it. A failure of the
    monitor's own (a judge's endpoint is down, the disk is full) ends the run before its first step,
    when nothing is lost; later it is told, written and passed over.

    Args:
        trainer: The run's trainer.
        config: The recipe's ``EmpathyConfig``, with ``monitor``.
        recipe: The recipe as the user wrote it.
        rewards: The recipe's configured rewards, for methods that train without rewards.

    Raises:
        InputError: The held-out prompts cannot be used.
    """

    def __init__(
        self, trainer: Any, config: Any, recipe: Mapping[str, Any], rewards: Mapping[str, Any]
    ) -> None:
        self._trainer, self._config, self._recipe = trainer, config, recipe
        self._settings = config.monitor
        style = prompts.header_style(recipe)
        self._prompts = prompts.load(self._settings, config.resolved_template, style)
        columns = {name for row in self._prompts.rows for name in row}
        skipped = self._settings.skip_rewards
        check_skipped(skipped, getattr(trainer, "reward_func_names", list(rewards)))
        self._rewards: Rewards = trainer_rewards(trainer, columns, skipped) or {
            name: (reward, reward.weight) for name, reward in rewards.items() if name not in skipped
        }
        self._sampling = _sampling(self._settings, recipe)
        self._alarm = Alarm(self._settings)
        self._folder = Path(trainer.args.output_dir)
        self._main = trainer.accelerator.is_main_process
        if self._main:
            self._load_judges(rewards)
        self._clock: Clock | None = None
        self._rounds = 0
        self._step: int | None = None
        self._begun = False
        self._failing = ""

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Begins the record and measures what the run starts from."""
        self._clock = Clock(self._trainer)
        if self._settings.completions:
            path = self._folder / completions.NAME
            if self._main and not state.global_step:
                completions.set_aside(path)
            completions.keep_training(self._trainer, path, self._config, self._watching)
        if self._main:
            with self._watching():
                self._begin(state)
        self._measure(self._clock, state, control)
        self._begun = True

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Measures every N steps, and at the last one before trackers close."""
        due = state.global_step % self._settings.every_steps == 0
        if self._clock is not None and (due or control.should_training_stop):
            self._measure(self._clock, state, control)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **kwargs: Any
    ) -> None:
        """Looks at what the trainer logged, but for the summary of the whole run."""
        if self._clock is None or "train_runtime" in logs:
            return
        stop = False
        if self._main:
            with self._watching():
                stop = self._warn(self._alarm.logged(logs, state.global_step), state)
        self._stop_together(stop, control)

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Measures the last step where nothing has yet, and says what watching has cost."""
        if self._clock is None:
            return
        if self._step != state.global_step:
            self._measure(self._clock, state, control)
        if self._main:
            seconds = self._clock.own
            end = {"rounds": self._rounds, "seconds": seconds, "share": seconds / self._clock.total}
            with self._watching():
                self._write("end", {"step": state.global_step, **end})
            say(end_line(**end, every_steps=self._settings.every_steps))

    def _load_judges(self, rewards: Mapping[str, Any]) -> None:
        """Loads tables and weights before the clock runs: a GRPO run needs them anyway.

        An LLM judge has nothing to load, and each question may cost money.
        """
        left = {"llm_judge", *self._settings.skip_rewards}
        cheap = {name: (reward, 0.0) for name, reward in rewards.items() if name not in left}
        reply = self._config.resolved_template.render("A loss.", "I am so sorry. What happened?")
        with kept_random_state(self._settings.seed):
            measure(self._prompts.rows[:1], [reply], self._config, rewards=cheap)

    def _begin(self, state: Any) -> None:
        """Opens the record; a run that goes on takes over what it saw before."""
        path = self._folder / record.NAME
        if state.global_step and path.exists():
            seen = record.read_record(path).points
            earlier = [point for point in seen if point.step <= state.global_step]
            self._alarm.resume(earlier, state.log_history)
        line = run_line(
            self._recipe,
            step=state.global_step,
            weights={name: weight for name, (_, weight) in self._rewards.items()},
            prompts=self._prompts,
            every_steps=self._settings.every_steps,
            world_size=self._trainer.accelerator.num_processes,
        )
        self._write("run", line)

    def _measure(self, clock: Clock, state: Any, control: Any) -> None:
        start = time.perf_counter()
        measured, stop = None, False
        self._step = state.global_step
        with self._watching():
            messages = [row["prompt"] for row in self._prompts.rows]
            texts = sample(self._trainer, messages, self._sampling)
            if texts is not None:
                measured = self._score(state.global_step, texts)
        if measured is not None:
            lap = clock.lap()
            shares = lap if self._rounds else {}
            self._rounds, self._failing = self._rounds + 1, ""
            with self._watching():
                seconds = time.perf_counter() - start
                more = {"seconds": seconds, "memory_gib": _memory_gib(), "shares": shares}
                point = make_point(state.global_step, self._prompts.rows, measured, **more)
                warnings = self._alarm.measured(point)
                say(point_line(self._alarm.points))
                self._write("point", record.point_line(point))
                self._log(metrics(self._alarm.points))
                stop = self._warn(warnings, state)
        self._stop_together(stop, control)

    @contextlib.contextmanager
    def _watching(self) -> Iterator[None]:
        """Counts as the monitor's time, and lets no failure end a training that has begun."""
        assert self._clock is not None
        with self._clock.monitoring():
            try:
                yield
            except Exception as error:
                if self._begun:
                    self._fail(error)
                elif isinstance(error, InputError):
                    raise SystemExit(f"Error: {error}") from None
                else:
                    raise

    def _fail(self, error: Exception) -> None:
        """Tells a failure, once while it lasts."""
        why = reason(error)
        if why == self._failing:
            return
        self._failing, step = why, self._trainer.state.global_step
        say(failure_line(step, why))
        with contextlib.suppress(OSError):  # the disk is full, or what it stands for: it was told
            self._write("failure", {"step": step, "reason": why})

    def _score(self, step: int, texts: Sequence[str]) -> Measured:
        rows = self._prompts.rows
        with kept_random_state(self._settings.seed):  # a user's reward may draw
            measured = measure(rows, texts, self._config, rewards=self._rewards)
        if self._settings.completions:
            lines = completions.lines(step, "monitor", rows, texts, measured)
            completions.append(self._folder / completions.NAME, lines)
        return measured

    def _log(self, found: dict[str, float]) -> None:
        """Sends numbers to the trackers and into the trainer's history.

        By the method of transformers' own class: TRL's would close its averages of the training
        step by step. The console has a line of ours instead of all numbers.
        """
        handler = self._trainer.callback_handler
        callbacks, silent = handler.callbacks, (PrinterCallback, ProgressCallback, Monitor)
        due = self._trainer.control.should_log  # a log clears it, and the trainer's own is to come
        handler.callbacks = [item for item in callbacks if not isinstance(item, silent)]
        try:
            Trainer.log(self._trainer, found)
        finally:
            handler.callbacks = callbacks
            self._trainer.control.should_log = due

    def _warn(self, warnings: Sequence[Any], state: Any) -> bool:
        """Tells warnings that are new; whether one of them ends the run."""
        stop = False
        for warning in warnings:
            stops = warning.rule in self._settings.stop_on and state.global_step < state.max_steps
            stop = stop or stops
            told = {name: getattr(warning, name) for name in ("step", "rule", "message", "advice")}
            self._write("warning", {**told, "values": dict(warning.values), "stopped": stops})
            say(warning_line(warning, stops))
        return stop

    def _stop_together(self, stop: bool, control: Any) -> None:
        """Ends the run on every process when the main one says so, with a last checkpoint."""
        if not self._settings.stop_on:
            return
        if self._trainer.accelerator.num_processes > 1:
            from accelerate.utils import broadcast_object_list

            (stop,) = broadcast_object_list([stop])
        if stop:
            control.should_training_stop = True
            control.should_save = self._trainer.args.save_strategy != "no"

    def _write(self, kind: str, content: Mapping[str, Any]) -> None:
        record.append(self._folder / record.NAME, kind, content)


def _sampling(settings: Any, recipe: Mapping[str, Any]) -> Sampling:
    longest = settings.max_new_tokens or (recipe.get("trl") or {}).get("max_completion_length")
    return Sampling(
        max_new_tokens=longest or LONGEST,
        temperature=settings.temperature,
        batch_size=settings.batch_size,
        seed=settings.seed,
    )


def _memory_gib() -> float:
    """Peak of the GPU's memory, or what the process holds in RAM."""
    import torch

    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated() / GIB
    import psutil

    return psutil.Process().memory_info().rss / GIB
