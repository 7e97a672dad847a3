import json
import resource
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from emp_datagen.cli import main as datagen
from emp_plugins.judges import BACKENDS
from emp_plugins.rewards import REWARDS
from emp_tooling.cli import main

RECIPE = Path(__file__).parents[3] / "recipes" / "llama31_grpo_empathy.yml"
GOOD = "That sounds so painful, I'm sorry. What was it like to hear it?"
BAD = "You should study more and make a better plan next time."


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "recipe.yml"
    rewards = {"empathy": {"weight": 2.0}, "structure": {"weight": 0.5}, "safety": {"gate": True}}
    path.write_text(yaml.safe_dump({"rl": "grpo", "empathy": {"rewards": rewards}}))
    return path


@pytest.fixture
def replies(tmp_path):
    def write(*rows):
        path = tmp_path / "replies.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return path

    return write


def change(path, **keys):
    path.write_text(yaml.safe_dump({**yaml.safe_load(path.read_text()), **keys}))


def invoke(*command):
    return CliRunner().invoke(main, ["score", *map(str, command)])


def test_the_default_recipe_puts_the_shipped_examples_in_order(monkeypatch):
    monkeypatch.chdir(RECIPE.parents[1])
    result = invoke(RECIPE, "--embedded")
    assert result.exit_code == 0, result.stderr
    assert "13 of 13 groups in order" in result.stdout


def cpu_seconds():
    """Of all commands that were run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_a_real_run_on_the_shipped_examples_is_quick_and_fits_80_columns(run):
    started = cpu_seconds()
    # Whether the examples are in order is another test's matter.
    done = run("emp", "score", RECIPE, "--embedded", cwd=RECIPE.parents[1], check=False)
    assert cpu_seconds() - started < 5  # the clock would measure what else the machine does
    assert done.returncode == bool(done.stderr), done.stderr
    assert "risk_plan ──" in done.stdout and "of 13 groups in order" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_real_run_ends_with_1_and_2(run, recipe, replies):
    row = {"client": "I failed."}
    rows = ({**row, "reply": BAD, "label": "good"}, {**row, "reply": GOOD, "label": "bad"})
    command = ("emp", "score", recipe, "--jsonl", replies(*rows))
    done = run(*command, cwd=recipe.parent, check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    done = run("emp", "score", "none.yml", cwd=recipe.parent, check=False)
    assert (done.returncode, done.stderr) == (2, "Error: none.yml: no such file\n")


def test_text_shows_rewards_parts_and_axes(recipe):
    result = invoke(recipe, "--client", "I failed my [b]exam[/b].", "--text", GOOD, "--text", BAD)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert "client  I failed my [b]exam[/b]." in lines  # no markup of ours in their words
    assert any(line.startswith("affect  Introspection ") for line in lines)
    heads = next(line for line in lines if "weight" in line)
    assert heads.split() == ["weight", "1", "2"]
    rows = {tuple(line.split()[:-2]): line.split()[-2:] for line in lines if line.startswith(" ")}
    assert float(rows["empathy", "2"][0]) > float(rows["empathy", "2"][1])
    assert rows["structure", "0.5"] == ["1.00", "1.00"]  # bare replies are put into the template
    for name in ("reactions", "total", "affect Introspection", "affect Sensitivity"):
        assert len(rows[tuple(name.split())]) == 2
    assert "groups in order" not in result.stdout  # nothing was marked


def test_a_reply_in_tags_is_taken_as_it_is(recipe):
    shown = json.loads(invoke(recipe, "--text", f"<answer>{GOOD}", "--format", "json").stdout)
    assert shown["replies"][0]["values"]["structure"] < 0.5


def test_json_holds_what_the_table_shows(recipe, replies):
    row = {"client": "I failed.", "id": "a", "risk": 3}
    rows = ({**row, "reply": GOOD, "label": "bad"}, {**row, "reply": BAD, "label": "good"})
    result = invoke(recipe, "--jsonl", replies(*rows), "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["recipe"] == str(recipe)
    assert found["weights"] == {"empathy": 2.0, "structure": 0.5, "safety": 1.0}
    first = found["replies"][0]
    assert (first["client"], first["reply"], first["label"]) == ("I failed.", GOOD, "bad")
    assert first["gated"] and first["values"]["safety"] == -2  # the risk column was read
    assert set(first["parts"]["empathy"]) >= {"reactions", "interpretations", "explorations"}
    assert list(first["affect"]["client"]) == list(first["affect"]["reply"])
    weighted = sum(found["weights"][name] * value for name, value in first["values"].items())
    assert first["total"] == pytest.approx(weighted)
    assert found["inversions"] == [{"group": "a", "good": "a", "bad": ["a"]}]


def test_a_good_reply_that_loses_ends_with_status_1_and_is_named(recipe, replies):
    row = {"client": "SECRET words", "group": "exam"}
    rows = (
        {**row, "reply": BAD, "label": "good", "id": "cold"},
        {**row, "reply": GOOD, "label": "bad", "id": "warm"},
    )
    result = invoke(recipe, "--jsonl", replies(*rows))
    assert result.exit_code == 1
    assert "0 of 1 groups in order" in result.stdout
    assert result.stderr.startswith("exam: good cold (")
    assert ") does not score above bad warm (" in result.stderr and "SECRET" not in result.stderr


@pytest.mark.parametrize(
    ("verb", "labels"),
    [
        ("pairs", ["good", "bad"] * 12),
        ("kto", ["good", "bad"] * 6),  # its rows come in twos
    ],
)
def test_rows_of_emp_datagen_can_be_scored(recipe, tmp_path, verb, labels):
    path = tmp_path / "rows.jsonl"
    command = [verb, "--structure", "--n", "12", "--out", str(path)]
    assert CliRunner().invoke(datagen, command).exit_code == 0
    result = invoke(recipe, "--jsonl", path, "--format", "json")
    found = json.loads(result.stdout)
    assert [reply["label"] for reply in found["replies"]] == labels
    assert {reply["values"]["structure"] for reply in found["replies"]} <= {0.0, 1.0}  # 0: gated
    assert not any(reply["client"].startswith("[USER STATE]") for reply in found["replies"])


def test_a_group_of_emp_datagen_can_be_scored(recipe, tmp_path):
    path = tmp_path / "groups.jsonl"
    command = ["groups", "--structure", "--n", "3", "--candidates", "4", "--out", str(path)]
    done = CliRunner().invoke(datagen, command)
    assert done.exit_code == 0, done.output
    found = json.loads(invoke(recipe, "--jsonl", path, "--format", "json").stdout)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    errors = [error for row in rows for error in row["error"]]
    assert [reply["label"] for reply in found["replies"]] == [
        "bad" if e else "good" for e in errors
    ]
    assert len({reply["group"] for reply in found["replies"]}) == 3


def test_the_users_own_reward_is_found_in_the_working_folder(recipe, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "score_own.py").write_text(
        "import random\n"
        "def draws(prompts, completions, **columns):\n"
        "    return [random.random() for _ in prompts]\n"
        "def silent(prompts, completions, **columns):\n"
        "    return [None for _ in prompts]\n"
    )
    names = ["score_own.draws", "score_own.silent"]
    change(recipe, trl={"reward_funcs": names, "reward_weights": [0.5, 3.0]})

    def values(*more):
        found = json.loads(invoke(recipe, "--text", GOOD, "--format", "json", *more).stdout)
        return found["replies"][0]["values"]

    assert list(values())[:2] == names and values()[names[1]] is None
    assert values("--seed", 1) == values("--seed", 1) != values("--seed", 2)
    table = invoke(recipe, "--text", GOOD).stdout.splitlines()
    assert next(line for line in table if names[1] in line).split() == [names[1], "3", "–"]


def test_embedded_takes_the_place_of_a_hub_judge_that_is_not_there(recipe):
    block = yaml.safe_load(recipe.read_text())["empathy"]
    judges = {"emotion": {"backend": "hf", "model": "no/where"}}
    change(recipe, empathy={**block, "judges": judges})
    result = invoke(recipe, "--text", GOOD)
    assert result.exit_code == 2 and "no/where" in result.stderr
    assert result.stderr.count("\n") == 1
    assert invoke(recipe, "--text", GOOD, "--embedded").exit_code == 0


def test_a_reward_without_an_embedded_judge_is_left_out_and_named(recipe):
    lacking = [n for n, m in REWARDS.items() if set(m.NEEDS) - set(BACKENDS["embedded"])]
    if not lacking:
        pytest.skip("every reward has an embedded judge")
    change(recipe, empathy={"rewards": {lacking[0]: {}, "structure": {}}})
    result = invoke(recipe, "--text", GOOD, "--embedded", "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert f"{lacking[0]} is left out" in result.stderr
    assert list(json.loads(result.stdout)["weights"]) == ["structure"]


def test_control_characters_and_broken_unicode_do_not_reach_the_terminal(recipe, replies):
    row = {"client": "a\x1b[2Jb\ud800", "reply": GOOD + "\x1b]0;x\x07\ud800", "group": "\x1b[1m"}
    for style in ("table", "json"):
        result = invoke(recipe, "--jsonl", replies(row), "--format", style)
        assert result.exit_code == 0, result.output
        assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"empathy": None}, "recipe.yml: no empathy: block, so there are no rewards to score with"),
        ({"empathy": {"rewards": {"empaty": {}}}}, "did you mean 'empathy'?"),
        ({"empathy": {"judges": {"emotion": {"backend": "x"}}}}, "empathy.judges.emotion.backend"),
        ({"trl": {"reward_funcs": ["no_such.fn"]}}, "trl.reward_funcs: no_such.fn: cannot be"),
    ],
)
def test_a_wrong_recipe_is_one_line(recipe, keys, words):
    change(recipe, **keys)
    result = invoke(recipe)
    assert result.exit_code == 2 and result.stdout == ""
    assert words in result.stderr and result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--client", "x"], "--client: needs --text"),
        (["--text", "x", "--jsonl", "y"], "--text and --jsonl: give one"),
        (["--jsonl", "/no/where.jsonl"], "/no/where.jsonl: no such file"),
    ],
)
def test_wrong_options_are_one_line(recipe, options, words):
    result = invoke(recipe, *options)
    assert result.exit_code == 2 and words in result.stderr


def test_a_broken_row_names_file_and_line(recipe, replies):
    path = replies({"client": "a", "reply": "b"}, {"client": "SECRET"})
    result = invoke(recipe, "--jsonl", path)
    assert result.exit_code == 2 and f"{path.name}:2: reply: missing" in result.stderr
    assert "SECRET" not in result.stderr
