"""``python -m emp_tooling.evaluate.preferences``: does a model prefer what it was taught to?

The implicit reward of a reply is beta * (log p of the trained model - log p of the one it began
from), summed over the reply's tokens (Rafailov et al. 2023, arXiv 2305.18290). A pair counts as
right where chosen has more of it than rejected; beta does not matter for that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from emp_datagen.lazy import Failure
from emp_plugins.errors import InputError
from emp_tooling.audit.stats import wilson
from emp_tooling.recipe import read_recipe, required

FILE = click.Path(path_type=Path)
BATCH = 32


EXAMPLES = """\b
Example:
  axolotl train recipes/tiny_dpo_cbt.yml
  emp-datagen pairs --split heldout --out build/heldout_pairs.jsonl
  python -m emp_tooling.evaluate.preferences recipes/tiny_dpo_cbt.yml \\
    --pairs build/heldout_pairs.jsonl
"""


@click.command(name="preferences", epilog=EXAMPLES)
@click.argument("recipe", type=FILE)
@click.option("--pairs", type=FILE, required=True, help="Pairs that training did not see.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="What goes to stdout.",
)
def command(recipe: Path, pairs: Path, format_: str) -> None:
    """Measure the implicit reward accuracy of a trained DPO or KTO recipe."""
    try:
        found = measure(recipe, pairs)
    except InputError as error:
        raise Failure(str(error)) from error
    if format_ == "json":
        click.echo(json.dumps(found))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("error", "pairs", "accuracy", "95 %")
    for name, row in [("all", found), *found["errors"].items()]:
        low, high = row["interval"]
        table.add_row(name, str(row["pairs"]), f"{row['accuracy']:.3f}", f"{low:.3f} to {high:.3f}")
    Console().print(table)


def measure(recipe: Path, pairs: Path) -> dict[str, Any]:
    """Implicit reward accuracy of a recipe's result.

    Args:
        recipe: The recipe; its ``base_model`` and ``output_dir`` are local folders.
        pairs: Rows by ``pair.schema.json``.

    Returns:
        ``pairs, accuracy, interval`` (Wilson, 95 %), and the same for each clinical error under
        ``errors``.

    Raises:
        InputError: A folder is missing, or the pairs break their schema.
    """
    from emp_datagen.jsonl import read_rows

    rows = read_rows(pairs, "pair")
    margins = implicit_margins(recipe, rows)
    by_error: dict[str, list[bool]] = defaultdict(list)
    for row, margin in zip(rows, margins, strict=True):
        by_error[row["error"] or "unlabelled"].append(margin > 0)
    every = [right for found in by_error.values() for right in found]
    return {**_share(every), "errors": {name: _share(by_error[name]) for name in sorted(by_error)}}


def implicit_margins(recipe: Path, rows: Sequence[dict[str, Any]]) -> list[float]:
    """Implicit reward of chosen minus that of rejected, at beta 1.

    Args:
        recipe: The recipe.
        rows: Pairs.

    Returns:
        One number a pair.
    """
    import torch
    from transformers import AutoTokenizer

    from emp_plugins.transforms import pairs as transform_of

    read = read_recipe(recipe)
    base, out = (_folder(required(read, key, recipe), key) for key in ("base_model", "output_dir"))
    tokenizer = AutoTokenizer.from_pretrained(base, trust_remote_code=False)
    transform, _ = transform_of(read)
    texts = [transform(row, tokenizer) for row in rows]
    policy, reference = _models(read, base, out)
    margins = torch.zeros(len(texts))
    for side, sign in (("chosen", 1), ("rejected", -1)):
        for start, batch in _batches(texts):
            ids = [_ids(tokenizer, text["prompt"], text[side]) for text in batch]
            after, before = (_logps(model, ids, tokenizer) for model in (policy, reference))
            margins[start : start + len(batch)] += sign * (after - before)
    return margins.tolist()


def _models(read: dict[str, Any], base: Path, out: Path) -> tuple[Any, Any]:
    """The trained model and the one that it began from."""
    from transformers import AutoModelForCausalLM

    def load(folder: Path) -> Any:
        model = AutoModelForCausalLM.from_pretrained(
            folder, use_safetensors=True, trust_remote_code=False
        )
        return model.eval()

    if not read.get("adapter"):
        return load(out), load(base)
    from peft import PeftModel

    return PeftModel.from_pretrained(load(base), out).eval(), load(base)


def _ids(tokenizer: Any, prompt: str, reply: str) -> tuple[list[int], int]:
    """Tokens of prompt and reply, and where the reply begins."""
    asked = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    said = tokenizer(reply, add_special_tokens=False)["input_ids"]
    return asked + said, len(asked)


def _logps(model: Any, batch: Sequence[tuple[list[int], int]], tokenizer: Any) -> Any:
    """(N,) summed log-probabilities of the replies."""
    import torch

    width = max(len(ids) for ids, _ in batch)
    padded = torch.full((len(batch), width), tokenizer.pad_token_id)
    reply = torch.zeros((len(batch), width), dtype=torch.bool)
    for row, (ids, start) in enumerate(batch):
        padded[row, : len(ids)] = torch.tensor(ids)
        reply[row, start : len(ids)] = True
    mask = torch.arange(width) < torch.tensor([[len(ids)] for ids, _ in batch])
    with torch.no_grad():
        logits = model(padded, attention_mask=mask.long()).logits[:, :-1]
    chosen = logits.log_softmax(-1).gather(2, padded[:, 1:, None]).squeeze(2)
    return (chosen * reply[:, 1:]).sum(1)


def _batches(texts: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
    for start in range(0, len(texts), BATCH):
        yield start, texts[start : start + BATCH]


def _folder(name: str, key: str) -> Path:
    if not Path(name).is_dir():
        raise InputError(f"{key}: {name}: no such folder; train the recipe first")
    return Path(name)


def _share(right: Sequence[bool]) -> dict[str, Any]:
    low, high = wilson(sum(right), len(right))
    return {"pairs": len(right), "accuracy": sum(right) / len(right), "interval": [low, high]}


if __name__ == "__main__":
    command()
