"""``emp tiny``: a base model small enough to train on a CPU in minutes, from nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click

from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write

DEMO_BANK = Path(__file__).parent / "demo_bank"
"""A phrase bank of about 200 sentences; the shipped one is more than the model can learn."""

PERSONAS = ("mdd", "gad")
"""The clients that the model meets."""

VOCABULARY = 2048
SIZE = dict(
    hidden_size=192,
    intermediate_size=512,
    num_hidden_layers=2,
    num_attention_heads=4,
    num_key_value_heads=2,
    head_dim=48,
    max_position_embeddings=1024,
    tie_word_embeddings=True,
)
"""1.2 million parameters with the vocabulary of 2,048."""

CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
REFUSES_SYSTEM = (
    "{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}"
    "{% endif %}"
)


class Architecture(NamedTuple):
    """What sets one family of models apart from the others here.

    Attributes:
        options: Keys of its transformers configuration beside ``SIZE``.
        chat_template: Jinja source.
    """

    options: dict[str, Any] = {}
    chat_template: str = CHAT_TEMPLATE


ARCHITECTURES = {
    "llama": Architecture(),
    "qwen2": Architecture(),
    "qwen3": Architecture(),
    "mistral": Architecture({"sliding_window": None}),
    "gemma": Architecture(chat_template=REFUSES_SYSTEM + CHAT_TEMPLATE),
    "phi3": Architecture({"original_max_position_embeddings": SIZE["max_position_embeddings"]}),
}
"""By the name that transformers has for each; Phi-3 fuses q, k, v and gate, up."""


EXAMPLES = """\b
Examples:
  emp tiny --arch gemma --out build/tiny_gemma
  emp-datagen pairs --personas mdd,gad --header short --structure --no-judge \\
    --bank tooling/emp_tooling/demo_bank --n 3000 --out build/pairs.jsonl
  emp tiny --pairs build/pairs.jsonl
  axolotl train recipes/tiny_sft.yml
"""


@click.command("tiny", epilog=EXAMPLES)
@click.option("--out", default="build/tiny", show_default=True, type=click.Path(path_type=Path))
@click.option("--arch", default="llama", show_default=True, type=click.Choice(tuple(ARCHITECTURES)))
@click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    help="Preference pairs (written with --structure) to make unaligned SFT data from.",
)
@click.option(
    "--unaligned",
    default="build/unaligned.jsonl",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where that data goes.",
)
@click.option("--error-share", default=0.5, show_default=True, type=click.FloatRange(0, 1))
@click.option("--bare-share", default=0.4, show_default=True, type=click.FloatRange(0, 1))
@click.option("--seed", default=0, show_default=True)
def command(
    out: Path,
    arch: str,
    pairs: Path | None,
    unaligned: Path,
    error_share: float,
    bare_share: float,
    seed: int,
) -> None:
    """Build a tiny random base model with its tokenizer.

    With --pairs also write the data of its unaligned start: replies of which --error-share hold a
    clinical error and --bare-share lack the reasoning/answer structure.
    """
    parameters = build_model(out, arch, seed)
    click.echo(f"{out}: {arch}, {parameters:,} parameters, {VOCABULARY} tokens")
    if pairs is not None:
        count = write_unaligned(pairs, unaligned, error_share, bare_share, seed)
        click.echo(f"{unaligned}: {count} conversations")


def build_model(out: Path, arch: str = "llama", seed: int = 0) -> int:
    """Saves a randomly initialised causal language model and its tokenizer.

    Args:
        out: Folder to write.
        arch: One of ``ARCHITECTURES``.
        seed: Seed of the weights.

    Returns:
        The number of parameters.

    Raises:
        InputError: transformers or torch is not installed.
    """
    try:
        import torch
        from transformers import AutoConfig, AutoModelForCausalLM
    except ImportError as error:
        raise InputError(f"{error.name} is missing: pip install 'empathy-recipes[train]'") from None
    tokenizer = build_tokenizer(arch)
    config = AutoConfig.for_model(
        arch,
        vocab_size=len(tokenizer),
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        **SIZE,
        **ARCHITECTURES[arch].options,
    )
    torch.manual_seed(seed)
    model = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    out.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(out)
    model.save_pretrained(out)
    return model.num_parameters()


def build_tokenizer(arch: str = "llama") -> Any:
    """Trains a byte-level BPE tokenizer on the demo's phrase bank and personas.

    Args:
        arch: One of ``ARCHITECTURES``; decides the chat template.

    Returns:
        A fast tokenizer with a ChatML template; the same on every call. Gemma's refuses a system
        message, as the real one does.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_corpus(), trainer)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>"
    )
    tokenizer.chat_template = ARCHITECTURES[arch].chat_template
    return tokenizer


def write_unaligned(
    pairs: Path, out: Path, error_share: float, bare_share: float, seed: int
) -> int:
    """Turns preference pairs into conversations that show a model how not to be.

    Args:
        pairs: JSONL of pairs whose replies follow the default template.
        out: JSONL of ``{"messages": [...]}`` to write.
        error_share: Share of rejected replies.
        bare_share: Share of replies reduced to their answer, without tags.
        seed: Seed of the draw.

    Returns:
        The number of conversations.

    Raises:
        InputError: The pairs cannot be read or break their schema.
    """
    from emp_datagen.jsonl import read_rows

    draw = random.Random(seed)
    template = Template()
    count = 0
    with atomic_write(out) as file:
        for row in read_rows(pairs, "pair"):
            reply = row["rejected" if draw.random() < error_share else "chosen"][-1]["content"]
            if draw.random() < bare_share:
                reply = template.parse(reply).answer or reply
            messages = [*row["prompt"], {"role": "assistant", "content": reply}]
            file.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
            count += 1
    return count


def _corpus() -> Iterator[str]:
    """All text of the demo's bank and of its personas, and the template's own words.

    More personas would make the replies longer in tokens, and the model's clients are these.
    """
    import yaml

    from emp_datagen.personas import find

    files = find()
    for path in (*sorted(DEMO_BANK.glob("*.yml")), *(files[name] for name in PERSONAS)):
        yield from _strings(yaml.safe_load(path.read_text(encoding="utf-8")))
    sample = Template().render(["work", "sad, tired", "3", "validate and explore"], "I hear you.")
    header = "[STATE: MDD, Low-Introspection] Patient: [STATE: GAD, Low-Sensitivity] Patient: "
    yield from [sample, header, "user\n", "assistant\n", "system\n"] * 200


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _strings(value)
    elif isinstance(node, list):
        for value in node:
            yield from _strings(value)
