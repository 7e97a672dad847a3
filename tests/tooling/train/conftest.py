"""A tokenizer and data as small as they can be, without a network or a training run."""

import copy
import json

import pytest

LORA = {"adapter": "lora", "lora_r": 8, "lora_alpha": 16, "lora_target_linear": True}
BASE = {"base_model": "org/name", "learning_rate": 1e-4, "bf16": True, **LORA}
TYPES = {
    "sft": "chat_template",
    "dpo": "emp_plugins.pairs",
    "kto": "emp_plugins.kto",
    "orpo": "emp_plugins.orpo",
    "grpo": "emp_plugins.prompts",
}


@pytest.fixture(scope="session")
def recipe():
    """Makes the smallest recipe of a method, and adds keys to it."""

    def recipe(method="dpo", **keys):
        found = BASE | {"datasets": [{"path": "data/a.jsonl", "type": TYPES[method]}]}
        found |= {} if method == "sft" else {"rl": method}
        found |= {"trl": {"max_completion_length": 64}} if method == "grpo" else {}
        return copy.deepcopy(found | keys)

    return recipe


@pytest.fixture(scope="session")
def refused():
    """Gives the keys for which a recipe is refused; the message names all of them in one line."""
    from emp_tooling.train.unsloth.mapping import Unsupported, plan

    def refused(data):
        with pytest.raises(Unsupported) as error:
            plan(data)
        assert "\n" not in str(error.value)
        keys = {key for key, _ in error.value.refused}
        assert all(key in str(error.value) for key in keys)
        return keys

    return refused


@pytest.fixture(scope="session")
def known():
    """Every key at the top of a recipe that the engine knows for some method."""
    from emp_tooling.train.unsloth import tables
    from emp_tooling.train.unsloth.refusals import ONLY

    shared = (tables.TRAINER, tables.ADAPTER, tables.MODEL, tables.TRACKING, tables.SCHEDULE)
    others = (tables.OTHERS, tables.NOT_NEEDED, ONLY, *tables.BY_METHOD.values())
    return {key for table in (*shared, *others) for key in table}


@pytest.fixture(scope="session")
def tokenizer():
    from emp_tooling.tiny import build_tokenizer

    return build_tokenizer()


@pytest.fixture
def write(tmp_path):
    """Writes rows as JSONL and gives the path."""

    def write(name, rows):
        path = tmp_path / name
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return str(path)

    return write


def reply(text):
    return f"<reasoning>\nI listen.\n</reasoning>\n<answer>\n{text}\n</answer>"


@pytest.fixture(scope="session")
def rows():
    """Rows of each kind of data set, as emp-datagen writes what training reads of them."""
    said = ["I failed again.", "Nobody calls me.", "I cannot sleep.", "My boss shouted at me."]
    clients = [{"role": "user", "content": text} for text in said]
    good = [{"role": "assistant", "content": reply(f"That hurts: {text}")} for text in said]
    bad = [{"role": "assistant", "content": reply("Cheer up!")} for _ in said]
    return {
        "sft": [{"messages": [*pair, *pair]} for pair in zip(clients, good, strict=True)],
        "dpo": [
            {"prompt": [client], "chosen": [yes], "rejected": [no], "risk": 0}
            for client, yes, no in zip(clients, good, bad, strict=True)
        ],
        "kto": [
            {
                "prompt": [client],
                "completion": [done],
                "label": done["content"] != bad[0]["content"],
            }
            for client, yes, no in zip(clients, good, bad, strict=True)
            for done in (yes, no)
        ],
        "grpo": [
            {"prompt": [client], "risk": 0, "state": {"affect": [-0.5, 0, 0, -0.5]}}
            for client in clients
        ],
    }
