import errno
import json
import random
import re
import signal
import time
from dataclasses import replace

import pytest

from emp_datagen import jsonl
from emp_datagen.crew import CrewSpec
from emp_datagen.run import engine
from emp_datagen.run.report import Report, read
from emp_datagen.run.work import Prices
from emp_plugins.completion import Template
from emp_plugins.errors import InputError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_run_leaves_the_file_and_its_report(tmp_path, tools):
    report = tools.generate(tmp_path / "p.jsonl")
    assert names(tmp_path) == ["p.jsonl", "p.run.json"]
    rows = jsonl.read_rows(tmp_path / "p.jsonl", "pair")
    assert len(rows) == report.written == 40
    assert [row["id"][-6:] for row in rows] == sorted(row["id"][-6:] for row in rows)
    assert read(tmp_path / "p.jsonl") == report
    assert report.attempted == 40 + sum(report.dropped.values())


def test_dropped_rows_are_made_up_for(tmp_path, tools):
    report = tools.generate(tmp_path / "p.jsonl", n=60, spec=CrewSpec())
    assert report.written == 60 and sum(report.dropped.values()) > 0
    assert report.agreed > 0.9 and set(report.dropped) <= {
        *("margin", "length", "vetoed", "disagree", "tie", "duplicate")
    }


@pytest.mark.parametrize("options", [{"workers": 2}, {"workers": 2, "ray": "local"}])
def test_workers_change_nothing(tmp_path, tools, options):
    if "ray" in options:
        pytest.importorskip("ray")
    tools.generate(tmp_path / "one.jsonl")
    tools.generate(tmp_path / "many.jsonl", **options)
    one, many = ((tmp_path / name).read_bytes() for name in ("one.jsonl", "many.jsonl"))
    assert one == many
    assert names(tmp_path) == ["many.jsonl", "many.run.json", "one.jsonl", "one.run.json"]


def test_killed_at_twenty_moments_the_file_is_the_same(tmp_path, tools):
    n, rng = 1200, random.Random(7)
    tools.generate(tmp_path / "calm.jsonl", n)
    out = tmp_path / "killed.jsonl"
    killed = 0
    for _ in range(20):
        pid = tools.in_child(lambda: tools.generate(out, n, resume=True))
        killed += tools.kill(pid, rng.uniform(0.02, 0.3)) == -signal.SIGKILL
    assert killed >= 15  # the others had come to their end
    if not out.exists():
        tools.generate(out, n)
    assert out.read_bytes() == (tmp_path / "calm.jsonl").read_bytes()
    tools.generate(out, n, overwrite=True)
    assert not [name for name in names(tmp_path) if name.startswith(".killed.jsonl.")]


def test_ctrl_c_keeps_finished_rows(tmp_path, tools):
    out = tmp_path / "p.jsonl"
    told = tmp_path / "told"

    def work():
        try:
            tools.generate(out, 3000)
        except engine.Interrupted as stop:
            told.write_text(f"{stop.reason} {stop.finished}")

    assert tools.kill(tools.in_child(work), 0.8, signal.SIGINT) == 0
    reason, finished = told.read_text().split()
    assert reason == "ctrl-c" and int(finished) > 0 and not out.exists()
    seen = []
    assert (
        tools.generate(out, 3000, progress=lambda finished, failed=0: seen.append(finished)).written
        == 3000
    )
    assert seen[0] == int(finished)  # none of them is made again


def test_a_file_that_exists_is_kept(tmp_path, tools):
    out = tmp_path / "p.jsonl"
    out.write_text("mine\n")
    for more in ({}, {"resume": True}):  # there is nothing to go on with
        with pytest.raises(InputError, match=r"p\.jsonl: exists; give --overwrite"):
            tools.generate(out, **more)
    assert out.read_text() == "mine\n"
    tools.generate(out, overwrite=True)
    assert len(jsonl.read_rows(out, "pair")) == 40


def test_two_runs_do_not_write_one_file(tmp_path, tools):
    out = tmp_path / "p.jsonl"
    pid = tools.in_child(lambda: tools.generate(out, 5000))
    while not (tmp_path / "p.jsonl.journal").exists():
        time.sleep(0.01)
    with pytest.raises(InputError, match="another run is writing"):
        tools.generate(out, 5000)
    assert tools.kill(pid, 0) == -signal.SIGKILL


def test_other_settings_are_another_run(tmp_path, tools):
    out = tmp_path / "p.jsonl"
    tools.kill(tools.in_child(lambda: tools.generate(out, 5000)), 0.6)
    with pytest.raises(InputError, match=r"another run \(plan differs\).*--overwrite"):
        tools.generate(out, 4999)
    assert tools.generate(out, 30, overwrite=True).written == 30


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path, tools):
    import resource

    out = tmp_path / "p.jsonl"

    def work():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
        with pytest.raises(OSError) as error:
            tools.generate(out, 400)
        assert error.value.errno == errno.EFBIG and error.value.filename.endswith(".journal")

    assert tools.kill(tools.in_child(work), 6, 0) == 0
    assert not out.exists() and (tmp_path / "p.jsonl.journal").stat().st_size > 20_000
    assert tools.generate(out, 400).written == 400


def test_excluded_texts_do_not_come_back(tmp_path, tools):
    tools.generate(tmp_path / "a.jsonl")
    report = tools.generate(tmp_path / "b.jsonl", exclude=[tmp_path / "a.jsonl"])
    first = {row["chosen"][0]["content"] for row in jsonl.read_any(tmp_path / "a.jsonl")}
    second = {row["chosen"][0]["content"] for row in jsonl.read_any(tmp_path / "b.jsonl")}
    assert not first & second and report.dropped["duplicate"] >= 40


def test_preview_writes_nothing(tmp_path, tools, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = engine.preview(tools.plan(3), CrewSpec())
    assert [row["persona"] for row in rows] == ["mdd", "gad", "ptsd"] and names(tmp_path) == []


def test_every_kind_of_row_meets_its_schema(tmp_path, tools):
    for verb, kind in (("prompts", "prompt"), ("groups", "group"), ("kto", "kto")):
        out = tmp_path / f"{verb}.jsonl"
        tools.generate(out, plan_=tools.plan(12, kind=verb, turns=2), spec=CrewSpec())
        assert len(jsonl.read_rows(out, kind)) == 12
    out = tmp_path / "dialogues.jsonl"
    tools.generate(out, plan_=tools.plan(6, kind="dialogues", turns=4, cut=4), spec=CrewSpec())
    for row in jsonl.read_rows(out, "dialogue"):
        assert [m["role"] for m in row["messages"]] == ["user", "assistant"] * 4
        assert len(row["states"]) == len(row["scores"]) == 4


def test_dialogues_begin_with_the_system_prompt_of_their_template(tmp_path, tools):
    """And it does not make one dialogue look like the next."""
    template = Template(system="Answer in two parts.\n" * 40)
    out, plan = tmp_path / "dialogues.jsonl", tools.plan(6, kind="dialogues", turns=2, cut=2)
    tools.generate(out, plan_=replace(plan, template=template), spec=CrewSpec())
    rows = jsonl.read_rows(out, "dialogue")
    assert len(rows) == 6
    for row in rows:
        assert [m["role"] for m in row["messages"]] == ["system", *["user", "assistant"] * 2]
        assert row["messages"][0]["content"] == template.system.strip()
        assert template.parse(row["messages"][-1]["content"]).answer


def test_line_says_all():
    report = Report(
        *("c", "p.jsonl", "0123456789abcdef", 5, 9, {"margin": 2, "length": 1}, {"status 500": 1}),
        *(
            {"collusion": {"judged": 8, "agree": 6}},
            1,
            1,
            1,
            0,
            0.0,
            1.0,
            {},
            engine.Path("p.jsonl"),
        ),
    )
    assert report.line() == (
        "5 rows written to p.jsonl (sha256 0123456789ab); 3 dropped (margin 2, length 1); "
        "1 failed (status 500 1); judges agree with 75.0% of the labels"
    )


def test_report_holds_no_client_text(tmp_path, tools):
    tools.generate(tmp_path / "p.jsonl")
    held = (tmp_path / "p.run.json").read_text()
    for row in jsonl.read_rows(tmp_path / "p.jsonl", "pair"):
        said = row["prompt"][-1]["content"].split("Patient: ")[1]
        assert all(part not in held for part in re.split(r"(?<=[.!?])\s", said))
    assert json.loads(held)["run"]["plan"]["personas"].keys() == {"mdd", "gad", "ptsd"}


def test_prices():
    from emp_datagen.teachers import Meter

    assert Prices(2.0, 8.0).cost(Meter(1, 500_000, 250_000)) == 3.0
