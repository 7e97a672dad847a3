"""Many trainings by one process that has imported Axolotl, and what each left on the disk."""

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path

SCRIPT = Path(__file__).with_name("train_all.py")
SEVEN = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}
_WEIGHT = re.compile(r"base_model\.model\.(.+)\.lora_B\.weight")


@dataclass(frozen=True)
class Job:
    """One training: a recipe in the working folder, and keys to override as on the command line."""

    recipe: str
    overrides: dict = field(default_factory=dict)
    env: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Trained:
    """A training that has ended: its folder, exit status and everything it printed."""

    folder: Path
    status: int
    log: str

    @cached_property
    def state(self):
        """The trainer's state in the last checkpoint."""
        last = max(self.folder.glob("checkpoint-*"), key=lambda path: int(path.name[11:]))
        return json.loads((last / "trainer_state.json").read_text())

    def logged(self, key):
        """Every value that the trainer logged under a key, in order."""
        return [entry[key] for entry in self.state["log_history"] if key in entry]

    @property
    def losses(self):
        """The loss of every step; fails where one is not finite."""
        found = self.logged("loss")
        assert found and all(math.isfinite(value) for value in found)
        return found

    @property
    def targets(self):
        """The kinds of projection that the adapter's configuration names."""
        config = json.loads((self.folder / "adapter_config.json").read_text())
        return set(config["target_modules"])

    @property
    def moved(self):
        """Path of each adapted module to whether training moved it off its start at zero."""
        from safetensors.numpy import load_file

        weights = load_file(self.folder / "adapter_model.safetensors")
        hits = {_WEIGHT.fullmatch(name): value for name, value in weights.items()}
        return {hit[1]: bool(value.any()) for hit, value in hits.items() if hit}


class Trainer:
    """The process that trains; started by the first call, stopped by ``close``."""

    def __init__(self, folder):
        self.folder = folder
        self._process = None

    def __call__(self, jobs, check=True):
        """Trains every job and returns what each left, under the jobs' names.

        The output folder is ``out/NAME``. With ``check``, a failed one raises and shows its log.
        """
        lines = [self._line(name, job) for name, job in jobs.items()]
        statuses = self._ask(lines)
        done = {
            name: Trained(self.folder / "out" / name, status, Path(line["log"]).read_text())
            for name, status, line in zip(jobs, statuses, lines, strict=True)
        }
        for name, trained in done.items():
            if check and trained.status != 0:
                raise AssertionError(f"{name}: exit {trained.status}\n{trained.log[-6000:]}")
        return done

    def close(self):
        """Ends the process."""
        if self._process is not None:
            self._process.communicate()

    def _line(self, name, job):
        log = self.folder / "out" / f"{name}.log"
        log.parent.mkdir(exist_ok=True)
        always = {"output_dir": f"out/{name}", "save_strategy": "steps", "logging_steps": 1}
        return {**asdict(job), "overrides": {**always, **job.overrides}, "log": str(log)}

    def _ask(self, lines):
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, str(SCRIPT)],
                cwd=self.folder,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        self._process.stdin.write(json.dumps(lines) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, f"train_all.py ended with status {self._process.wait()}"
        return json.loads(answer)
