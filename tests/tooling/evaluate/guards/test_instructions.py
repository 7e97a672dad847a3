from collections import Counter

import pytest

from emp_plugins.completion import Template
from emp_tooling.evaluate.guards.instructions import (
    instruction_prompts,
    load_instructions,
    run_instructions,
    score_instructions,
)
from emp_tooling.evaluate.guards.verifiers import VERIFIERS
from emp_tooling.models.endpoint import EndpointModel

INSTRUCTIONS = load_instructions()
TEMPLATE = Template(fields=(), intensity_field=None)
EXAMPLES = {one.prompt: one.example for one in INSTRUCTIONS}


def test_a_perfect_answerer_passes_all(endpoint):
    endpoint.script = lambda request, attempt: TEMPLATE.render(
        "Do as told.", EXAMPLES[request["messages"][-1]["content"]]
    )
    model = EndpointModel("scripted", endpoint.url, concurrency=16)
    found = run_instructions(model, INSTRUCTIONS, template=TEMPLATE)
    assert [one.id for one, ok in zip(INSTRUCTIONS, found.followed, strict=True) if not ok] == []
    share = found.summary()["instructions"]
    assert (share.mean, share.n) == (1.0, len(INSTRUCTIONS))
    assert 0.9 < share.low < 1.0


@pytest.mark.parametrize(
    "reply",
    [
        "I hear how hard this is for you. What would help most right now?",
        "Sure! Here is what you asked for. Let me know if you need more.",
        "Yes",
        "- one\n- two\n- three",
        "",
    ],
)
def test_a_canned_reply_passes_almost_none(reply):
    found = score_instructions(INSTRUCTIONS, [reply] * len(INSTRUCTIONS), TEMPLATE)
    assert sum(found.followed) <= 2


def test_an_example_follows_few_other_instructions():
    followed = sum(one.followed(other.example) for one in INSTRUCTIONS for other in INSTRUCTIONS)
    assert followed - len(INSTRUCTIONS) < 0.03 * len(INSTRUCTIONS) ** 2


@pytest.mark.parametrize(
    ("around", "why"),
    [
        ("Sure! {}", "a word before"),
        ("{}\n\nAnything else?", "a word behind"),
        ("```\n{}\n```", "code"),
    ],
)
def test_tasks_are_strict(around, why):
    tasks = [one for one in INSTRUCTIONS if one.family == "task"]
    assert [one.id for one in tasks if one.followed(around.format(one.example))] == [], why


def test_only_the_answer_counts():
    one = next(one for one in INSTRUCTIONS if one.id == "add_numbers")
    replies = [TEMPLATE.render("43", "44"), TEMPLATE.render("44", "43"), "43", "<answer>43"]
    followed = score_instructions([one] * 4, replies, TEMPLATE).followed
    assert followed == (False, True, True, True)


def test_every_verifier_is_used_and_known():
    used = {name for one in INSTRUCTIONS for name in one.checks}
    assert used == VERIFIERS.keys()


def test_there_are_enough_of_each_family():
    counts = Counter(one.family for one in INSTRUCTIONS)
    assert len(INSTRUCTIONS) >= 60
    assert set(counts) == {"length", "words", "format", "task"}
    assert min(counts.values()) >= 12


def test_ids_and_prompts_are_unique():
    assert len({one.id for one in INSTRUCTIONS}) == len(INSTRUCTIONS) == len(EXAMPLES)


def test_families_have_columns_of_their_own():
    found = score_instructions(INSTRUCTIONS, [one.example for one in INSTRUCTIONS], TEMPLATE)
    columns = found.columns()
    for row, one in enumerate(INSTRUCTIONS):
        there = [name for name, column in columns.items() if column[row] is not None]
        assert there == ["instructions", f"instructions/{one.family}"]


def test_prompts_hold_the_system_prompt():
    prompts = instruction_prompts(INSTRUCTIONS[:1], Template(system="Be kind."))
    assert [message["role"] for message in prompts[0]] == ["system", "user"]


def test_there_is_one_reply_an_instruction():
    with pytest.raises(ValueError, match="62 instructions and 1 replies"):
        score_instructions(INSTRUCTIONS, ["Yes."], TEMPLATE)
