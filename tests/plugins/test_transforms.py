"""Dataset transforms, as Axolotl calls them."""

import importlib

import pytest
from jinja2.exceptions import TemplateError

import emp_plugins

SYSTEM = "Be kind."
ROW = {
    "prompt": [{"role": "user", "content": "I failed."}],
    "chosen": [{"role": "assistant", "content": "That hurts."}],
    "rejected": [{"role": "assistant", "content": "Try harder."}],
}


class ChatML:
    """The one method of a tokenizer that the transforms use, on the ChatML format."""

    eos_token = "<|im_end|>"

    def __init__(self, system=True):
        self.system = system

    def apply_chat_template(self, messages, tokenize, add_generation_prompt=False):
        if not self.system and messages[0]["role"] == "system":
            raise TemplateError("System role not supported")
        text = "".join(f"<|{m['role']}|>{m['content']}<|im_end|>\n" for m in messages)
        return text + ("<|assistant|>" if add_generation_prompt else "")


class Thinking(ChatML):
    """As R1's template: opens <think> in the generation prompt and drops it from the history."""

    def apply_chat_template(self, messages, tokenize, add_generation_prompt=False):
        text = super().apply_chat_template(messages, tokenize, add_generation_prompt)
        return text + ("<think>\n" if add_generation_prompt else "")


@pytest.fixture
def cfg(tmp_path):
    path = tmp_path / "t.yml"
    path.write_text(f"system: {SYSTEM}\n")
    return {"empathy": {"template": str(path)}}


def transform(name, cfg):
    made = getattr(emp_plugins, name)(cfg, dataset_idx=0)
    return made[0] if isinstance(made, tuple) else made


@pytest.mark.parametrize("name", ["prompts", "wassa", "pairs", "orpo", "kto"])
def test_axolotl_finds_it(name):
    """Axolotl imports what stands before the last dot and takes the name from there."""
    assert callable(getattr(importlib.import_module("emp_plugins", ""), name))


def test_unknown_name():
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        emp_plugins.nope  # noqa: B018


@pytest.mark.parametrize(("name", "row"), [("prompts", ROW), ("wassa", {"text": "I failed."})])
def test_system_prompt_in_front(cfg, name, row):
    messages = transform(name, cfg)(row, tokenizer=ChatML())["prompt"]
    assert [m["role"] for m in messages] == ["system", "user"]
    assert messages[0]["content"] == SYSTEM


@pytest.mark.parametrize("name", ["prompts", "wassa"])
def test_system_prompt_folded_where_refused(cfg, name):
    """Gemma's template knows no system role."""
    row = {**ROW, "text": "I failed."}
    messages = transform(name, cfg)(row, tokenizer=ChatML(system=False))["prompt"]
    assert messages == [{"role": "user", "content": f"{SYSTEM}\n\nI failed."}]


def test_own_system_message_stays(cfg):
    own = [{"role": "system", "content": "Mine."}, *ROW["prompt"]]
    assert transform("prompts", cfg)({"prompt": own})["prompt"] == own


def test_no_block_no_system():
    assert transform("prompts", {})(ROW)["prompt"] == ROW["prompt"]


@pytest.mark.parametrize("name", ["pairs", "orpo"])
def test_pairs_are_rendered(name):
    made = transform(name, {})(ROW, tokenizer=ChatML())
    assert made["prompt"] == "<|user|>I failed.<|im_end|>\n<|assistant|>"
    assert made["chosen"] == "That hurts.<|im_end|>"
    assert made["rejected"] == "Try harder.<|im_end|>"


def test_pairs_with_a_template_that_opens_thinking():
    made = transform("pairs", {})(ROW, tokenizer=Thinking())
    assert made["chosen"] == "That hurts.<|im_end|>"


def test_kto():
    row = {"prompt": "I failed.", "completion": "That hurts.", "label": 1}
    made = transform("kto", {})(row, tokenizer=ChatML())
    assert made["completion"] == "That hurts.<|im_end|>"
    assert made["label"] is True
