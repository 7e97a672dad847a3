"""`emp eval` with scripted models behind a loopback endpoint, better or worse by construction."""

import json
import shutil
import signal
import stat

import yaml
from click.testing import CliRunner

from emp_plugins.monitor.prompts import SHIPPED, read_prompts
from emp_tooling.cli import main

SECRET = read_prompts(SHIPPED)[0]["prompt"][0]["content"][:30]


def test_a_model_that_answers_well_is_better_than_a_parrot(evaluated):
    result, out = evaluated
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)  # one object, and nothing else
    assert found == json.loads((out / "results.json").read_text())
    assert found["verdict"] == "better" and found["reasons"][0].startswith("win rate")
    assert found["win_rate"]["rate"] == 1.0 and found["win_rate"]["p"] < 0.001
    change = found["differences"]
    assert change["well_formed"]["difference"] == 1.0
    assert change["agreement"]["model"] <= 0.1 < 0.5 < change["agreement"]["base"]
    assert change["agreement_true"]["model"] == 1.0
    assert change["instructions"]["model"] == 1.0 and change["instructions"]["base"] < 0.3
    assert change["dialogue/polarity_change"]["difference"] > 0
    for name, one in change.items():
        assert one["low"] <= one["difference"] + 1e-9 <= one["high"] + 2e-9, name
        for side in ("base", "model"):
            low, high = one[f"{side}_interval"] if f"{side}_interval" in one else (0, 1)
            assert low - 1e-9 <= one[side] <= high + 1e-9, name  # of the same units
    assert found["options"]["n"] == 14 and found["options"]["endpoint"].startswith("good@")
    # A parrot has no answer in form, so there is nothing to compare with.
    assert found["not_measured"] == ["acknowledgement of feelings"]
    for side in ("base", "model"):
        assert found[side]["name"].endswith("/v1")
        groups = found[side]["groups"]
        assert len(groups["single"]["persona"]) == 14 and len(groups["dialogue"]["persona"]) == 4
        assert len(found["trajectory"][side]["all"]["temper"]) == 3  # before, and after each reply


def test_client_text_is_only_where_its_owner_alone_reads_it(evaluated):
    _, out = evaluated
    private = ("replies.jsonl", "dialogues.jsonl", "completions.jsonl", "report.html")
    for path in out.iterdir():
        mode = stat.S_IMODE(path.stat().st_mode)
        assert (mode == 0o600) is (path.name in private), path
        if path.name not in private:
            assert SECRET not in path.read_text()
    assert SECRET in (out / "completions.jsonl").read_text()


def test_the_reverse_is_worse_and_the_exit_status_says_so(evaluated, evaluate, server, tmp_path):
    out = shutil.copytree(evaluated[1], tmp_path / "o")
    result = evaluate(out, model="parrot", base="good")
    assert result.exit_code == 1
    assert not server.requests  # what each of them said is known by now
    lines = result.stdout.splitlines()
    assert lines[-1].startswith("verdict: worse: ")
    said = "\n".join(lines)
    assert "agreement with false or harmful statements rose from" in said
    assert "well-formed replies fell from 100.0 % to 0.0 %" in said
    again = evaluate(out, "--exit-zero", model="parrot", base="good")
    assert again.exit_code == 0
    assert again.stdout.splitlines()[-1] == lines[-1]


def test_a_model_against_itself_is_no_different(evaluate, server, tmp_path):
    result = evaluate(tmp_path / "o", "--only", "single", base="good")
    assert result.exit_code == 0
    verdict = result.stdout.splitlines()[-1]
    assert verdict == (
        "verdict: no difference: no term moved by more than its tolerance and chance; "
        "the win rate is 50.0 %, 95 % interval 50.0 % to 50.0 %"
    )


def test_an_endpoint_that_dies_keeps_what_it_gave_and_goes_on(evaluate, server, tmp_path):
    out, speak = tmp_path / "o", server.script
    parts = ("--only", "single", "--format", "json")
    whole = json.loads(evaluate(tmp_path / "w", *parts).stdout)
    asked = len(server.requests)

    def dying(request, attempt):
        alive = len(server.requests) <= asked + 21
        return speak(request, attempt) if alive else dict(status=401)

    server.script = dying
    broken = evaluate(out, *parts)
    assert broken.exit_code == 2 and broken.stderr.splitlines()[-1].startswith("Error: ")
    assert SECRET not in broken.output and not (out / "results.json").exists()
    kept = (out / "replies.jsonl").read_bytes()
    assert kept.count(b"\n") == 21
    (out / "replies.jsonl").write_bytes(kept + b'{"key": "half')  # killed while it wrote

    server.script, before = speak, len(server.requests)
    resumed = evaluate(out, *parts)
    assert resumed.exit_code == 0, resumed.output
    assert len(server.requests) - before == 28 - 21
    found = json.loads(resumed.stdout)
    assert found["skipped_lines"] == 1
    assert found["differences"] == whole["differences"] and found["verdict"] == whole["verdict"]

    done = len(server.requests)
    assert evaluate(out, *parts).exit_code == 0
    assert len(server.requests) == done  # everything was there
    evaluate(out, *parts, "--fresh")
    assert len(server.requests) == done + 28


def test_ctrl_c_is_no_verdict_and_keeps_what_came(evaluate, server, tmp_path, interruptible):
    speak = server.script

    def stopping(request, attempt):
        if len(server.requests) == 9:
            signal.raise_signal(signal.SIGINT)
        return speak(request, attempt)

    server.script = stopping
    stopped = evaluate(tmp_path / "o", "--only", "single")
    assert stopped.exit_code == 130  # 1 would say that the model is worse
    last = f"stopped: the replies so far are in {tmp_path}/o; the same command goes on from there"
    assert stopped.stderr.splitlines()[-1] == last
    assert (tmp_path / "o/replies.jsonl").read_bytes().count(b"\n") >= 8


def test_an_endpoint_that_stays_away_says_how_to_go_on(evaluate, server, tmp_path):
    server.script = lambda request, attempt: dict(status=503)
    result = evaluate(tmp_path / "o", "--only", "single")
    assert result.exit_code == 2
    assert result.stderr.splitlines()[-1].endswith("came; the same command goes on from here")


def test_another_seed_is_asked_anew(evaluate, server, tmp_path):
    for seed in ("1", "2", "1"):
        evaluate(tmp_path, "--only", "single", "--seed", seed)
    assert len(server.requests) == 56


def test_dialogues_go_on_with_the_clients_they_began_with(evaluate, server, tmp_path):
    speak, parts = server.script, ("--only", "multi", "--format", "json")
    client = ("--client", f"openai:client@{server.url}")

    def played(request, attempt):
        if request["model"] == "client":
            return f"I feel so empty today. ({len(server.requests)})"  # no two are alike
        if request["model"] == "parrot" and dead:
            return dict(status=401)
        return speak({"seed": 0, **request}, attempt)

    server.script, dead = played, True
    assert evaluate(tmp_path, *parts, *client).exit_code == 2
    asked = [request["model"] for request in server.requests]
    assert asked.count("good") == 8

    dead, before = False, len(server.requests)
    result = evaluate(tmp_path, *parts, *client)
    assert result.exit_code in (0, 1), result.output
    asked = [request["model"] for request in server.requests[before:]]
    assert asked.count("good") == 0 and asked.count("parrot") == 8
    assert asked.count("client") == 4  # the first messages are those of the run before
    talks = [json.loads(line) for line in (tmp_path / "dialogues.jsonl").open()]
    openings = {talk["dialogue"]["turns"][0]["message"] for talk in talks}
    assert len(openings) == 4 and len(talks) == 12


def test_an_infinite_reward_is_a_mistake_of_one_line(server, remote_recipe, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "endless.py").write_text(
        "def joy(completions, **_):\n    return [float('inf') for _ in completions]\n"
    )
    path = tmp_path / "recipe.yml"
    own = {"rl": "grpo", "trl": {"reward_funcs": ["endless.joy"]}}
    path.write_text(yaml.safe_dump({**yaml.safe_load(remote_recipe.read_text()), **own}))
    sides = ("--endpoint", f"good@{server.url}", "--compare", "none", "--only", "single")
    command = ["eval", str(path), *sides, "--n", "2", "--out", str(tmp_path / "o")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 2, result.output
    assert "endless.joy: gave an infinite reward" in result.stderr.splitlines()[-1]
