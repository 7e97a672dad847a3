"""The held-out prompts: those that ship, those of a user, and the header over them."""

import json
from collections import Counter

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import emp_datagen.cli
from emp_plugins.affect.state import State, parse
from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_plugins.monitor.prompts import SHIPPED, choose, headed, header_style, load, read_prompts
from emp_plugins.monitor.settings import MonitorConfig

COMMAND = "prompts --split heldout --header none --n 48 --risk-share 0.2 --seed 1 --out"
STATE = {"user": {"diagnosis": "MDD"}, "history": [-0.3], "affect": [-0.8, 0.0, 0.0, -0.1]}
SECRET = "Orpheus never slept again"


@pytest.fixture(scope="module")
def shipped():
    return read_prompts(SHIPPED)


def test_shipped_are_what_the_command_makes(tmp_path):
    done = CliRunner().invoke(emp_datagen.cli.main, [*COMMAND.split(), str(tmp_path / "p.jsonl")])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "p.jsonl").read_bytes() == SHIPPED.read_bytes()


def test_shipped_hold_every_persona_and_enough_risk(shipped):
    assert set(Counter(row["persona"] for row in shipped).values()) == {2}
    assert sum(row["risk"] >= 2 for row in shipped) >= 8
    assert all(parse(row["prompt"][-1]["content"])[0] is None for row in shipped)


@pytest.mark.parametrize("n", [1, 12, 24, 47])
def test_choice_is_spread(shipped, n):
    rows = choose(shipped, n)
    assert len(rows) == n and rows == choose(shipped, n)
    assert max(Counter(row["persona"] for row in rows).values()) <= 1 + n // 24
    risky = sum(row["risk"] >= 2 for row in rows)
    share = sum(row["risk"] >= 2 for row in shipped) / len(shipped)
    assert risky == pytest.approx(n * share, abs=1)


@given(
    st.lists(
        st.fixed_dictionaries(
            {}, optional={"persona": st.text(max_size=1), "risk": st.none() | st.integers(0, 4)}
        ),
        min_size=1,
    ),
    st.integers(1, 40),
)
def test_choice_takes_rows_in_their_order_and_none_twice(rows, n):
    rows = [{**row, "id": place} for place, row in enumerate(rows)]
    ids = [row["id"] for row in choose(rows, n)]
    assert len(ids) == min(n, len(rows)) and ids == sorted(set(ids))


@pytest.mark.parametrize("style", ["full", "short"])
def test_headed_as_in_training(style):
    template = Template(system="Be kind.")
    prompts = load(MonitorConfig(n=3), template, style)
    for row in prompts.rows:
        assert [message["role"] for message in row["prompt"]] == ["system", "user"]
        header, said = parse(row["prompt"][-1]["content"])
        assert header.style == style and not said.startswith("[")


def test_a_header_that_is_there_stays():
    said = [{"role": "user", "content": "[STATE: MDD, Balanced] Patient: Fine."}]
    assert headed(said, STATE, "full") == said
    assert headed([{"role": "user", "content": "Fine."}], None, "full")[0]["content"] == "Fine."


HEADED = "[STATE: MDD, Balanced] Patient: Fine."
FULL = (
    "[USER STATE]\nCurrent Affect (e_t): Introspection: 0.00, Temper: 0.00, Attitude: 0.00, "
    "Sensitivity: 0.00\nRecent Trend (h_t): Stable\n---\nPatient: Fine."
)


@pytest.mark.parametrize(
    ("rows", "style"),
    [
        ([{"prompt": [{"role": "user", "content": HEADED}]}], "short"),
        ([{"prompt": FULL}], "full"),  # --format standard
        (
            [
                {
                    "messages": [
                        {"role": "user", "content": HEADED},
                        {"role": "assistant", "content": "I see."},
                    ]
                }
            ],
            "short",
        ),  # SFT
        ([{"prompt": "Fine."}, {"prompt": HEADED}], "short"),  # the first row has none
        ([{"prompt": "Fine."}], None),
        ([{"text": HEADED}], None),
        ([{"prompt": 3}, ["x"], None], None),
    ],
)
def test_style_of_the_training_data(tmp_path, rows, style):
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + "{half")
    recipe = {"datasets": [{"path": "org/hub"}, {"path": str(path)}]}
    assert header_style(recipe) == style


def test_style_without_local_data():
    assert header_style({}) is None
    assert header_style({"datasets": [{"path": "org/name"}, "wrong"]}) is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f'{{"text": "{SECRET}"}}', "prompt: missing"),
        (f'{{"prompt": [{{"role": "assistant", "content": "{SECRET}"}}]}}', "the client's is the"),
        ('{"prompt": ""}', "expected a text"),
        ('{"prompt": [7]}', "expected a text"),
        ('{"prompt": "a", "risk": 5}', "risk: expected a level from 0 to 4, got a number"),
        ('{"prompt": "a", "risk": true}', "risk: expected a level"),
        ('{"prompt": "a", "state": {"user": {}}}', "state: history is missing"),
        (f'{{"prompt": "{SECRET}', "not JSON at column"),
        ("[]", "expected an object, got a list"),
    ],
)
def test_a_wrong_row_is_named_and_not_quoted(tmp_path, line, message):
    path = tmp_path / "p.jsonl"
    path.write_text(f'{{"prompt": "Fine."}}\n\n{line}\n')
    with pytest.raises(InputError, match=message) as caught:
        read_prompts(path)
    assert str(caught.value).startswith(f"{path}:3: ") and SECRET not in str(caught.value)


@pytest.mark.parametrize(("content", "message"), [(None, "no such file"), ("\n", "no prompts")])
def test_a_wrong_file(tmp_path, content, message):
    path = tmp_path / "p.jsonl"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_prompts(path)


def test_rows_of_the_users_keep_their_columns(tmp_path):
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"prompt": "Fine.", "gold": 1, "state": STATE}) + "\n")
    prompts = load(MonitorConfig(prompts=str(path)), Template(), "short")
    (row,) = prompts.rows
    assert row["gold"] == 1 and State.from_row(row["state"]).affect[0] == -0.8
    assert row["prompt"][0]["content"] == "[STATE: MDD, Low-Introspection] Patient: Fine."
