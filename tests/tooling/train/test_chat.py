"""Which tokens of a conversation are trained."""

import pytest

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth.chat import IGNORED, tokenize

TRIMMING = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] | trim }}<|im_end|>\n{% endfor %}"
)
DROPPING = (
    "{% for message in messages %}{% if message['role'] != 'assistant' or loop.last %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endif %}{% endfor %}"
)
CONVERSATION = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "I failed."},
    {"role": "assistant", "content": "That hurts."},
    {"role": "user", "content": "That hurts."},  # the client says the same words
    {"role": "assistant", "content": "I am here."},
]


@pytest.fixture
def other(tokenizer):
    """Sets another chat template for one test."""
    before = tokenizer.chat_template
    yield lambda template: setattr(tokenizer, "chat_template", template)
    tokenizer.chat_template = before


def trained(found, tokenizer):
    """The trained stretches as text."""
    stretches, last = [], None
    for index, label in enumerate(found["labels"]):
        if label != IGNORED:
            assert label == found["input_ids"][index]
            stretches = stretches if last == index - 1 else [*stretches, []]
            stretches[-1].append(label)
            last = index
    return [tokenizer.decode(stretch) for stretch in stretches]


def test_only_replies_and_their_ends_are_trained(tokenizer):
    found = tokenize(CONVERSATION, tokenizer)
    text = tokenizer.apply_chat_template(CONVERSATION, tokenize=False)
    assert tokenizer.decode(found["input_ids"]) == text
    assert trained(found, tokenizer) == ["That hurts.<|im_end|>", "I am here.<|im_end|>"]


@pytest.mark.parametrize(
    ("roles", "stretches"),
    [
        (["user"], ["I failed.<|im_end|>", "That hurts.<|im_end|>"]),
        (["system"], ["Be kind.<|im_end|>"]),
        ([], []),
    ],
)
def test_other_roles(tokenizer, roles, stretches):
    assert trained(tokenize(CONVERSATION, tokenizer, roles), tokenizer) == stretches


def test_a_template_that_trims(tokenizer, other):
    other(TRIMMING)
    turns = [{**turn, "content": f"  {turn['content']}\n\n"} for turn in CONVERSATION]
    found = trained(tokenize(turns, tokenizer), tokenizer)
    assert found == ["That hurts.<|im_end|>", "I am here.<|im_end|>"]


def test_a_template_that_drops_a_reply_is_refused(tokenizer, other):
    other(DROPPING)
    turns = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "Only here."},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "c"},
    ]
    with pytest.raises(InputError, match="does not show a reply as it is.*Only here"):
        tokenize(turns, tokenizer)
    assert trained(tokenize(turns[2:], tokenizer), tokenizer) == ["c<|im_end|>"]


def test_names_of_roles_from_other_data_sets(tokenizer):
    turns = [{"role": "human", "content": "I failed."}, {"role": "gpt", "content": "Oh."}]
    assert trained(tokenize(turns, tokenizer), tokenizer) == ["Oh.<|im_end|>"]


def test_text_beyond_ascii(tokenizer):
    turns = [{"role": "user", "content": "É 🙂"}, {"role": "assistant", "content": "Ça va? 🙂é"}]
    assert trained(tokenize(turns, tokenizer), tokenizer) == ["Ça va? 🙂é<|im_end|>"]
