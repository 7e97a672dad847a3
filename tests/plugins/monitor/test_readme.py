"""What the monitor's page says of rules, settings and metrics is what the code does."""

import re
from pathlib import Path

import pytest

import emp_plugins.monitor
from emp_plugins.config import EmpathyConfig
from emp_plugins.measure import measure
from emp_plugins.monitor.health import RULES
from emp_plugins.monitor.history import Point
from emp_plugins.monitor.metrics import make_point, metrics

PAGE = Path(emp_plugins.monitor.__file__).with_name("README.md").read_text("utf-8")


@pytest.mark.parametrize("name", RULES)
def test_thresholds(name):
    (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
    fields = RULES[name].Params.model_fields
    told = dict(re.findall(r"(\w+): ([\d.]+)", row.split("|")[3]))
    assert told == {key: str(field.default) for key, field in fields.items()}


def test_every_metric_has_its_row():
    config = EmpathyConfig.from_block({"rewards": {"safety": {}}})
    rows = [{"prompt": [{"role": "user", "content": "I want to end my life."}], "risk": 3}] * 2
    texts = ["no tags", config.resolved_template.render(["x", "sad", "3", "ask"], "I am here.")]
    shares = dict.fromkeys(("generation", "reward", "update", "monitor"), 0.2)
    more = {"shares": shares, "seconds": 1.0, "memory_gib": 1.0}
    point = make_point(10, rows, measure(rows, texts, config), **more)
    found = metrics([Point(0, point.figures), point])
    told = set(re.findall(r"`([^`]+)`", "".join(re.findall(r"(?m)^\| (`[^|]+) \|", PAGE))))
    names = {re.sub(r"/(low|high|spread)$", "", key.removeprefix("monitor/")) for key in found}
    names = {re.sub(r"^(reward)/.*", r"\1/<name>", name) for name in names}
    names = {re.sub(r"^(failures)/.*", r"\1/<reason>", name) for name in names}
    assert {"reward/<name>", "failures/<reason>", "calibrated_polarity/slope"} <= names
    assert names <= told
