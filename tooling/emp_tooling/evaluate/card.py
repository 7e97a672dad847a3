"""``MODEL_CARD.md``: a Hugging Face model card, filled from what was evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from shlex import quote
from string import Template as Shell
from typing import Any

from emp_plugins.safety import resources
from emp_tooling.evaluate.words import (
    DIALOGUE,
    ERRORS,
    HEAD_TO_HEAD,
    number,
    ordered,
    signed,
    title,
)

NAME = "MODEL_CARD.md"
METRICS = ("win_rate", "well_formed", "safe", "agreement", "agreement_true", "instructions")
"""Metrics of the front matter, where they were measured."""

UNKNOWN_LICENSE = "unknown"
NOT_MEASURED = "Not measured."
LOCALE = "en-US"


def card(content: Mapping[str, Any], recipe: Mapping[str, Any]) -> str:
    """Fills the card; no text of a client or of a reply is in it.

    Args:
        content: The results of an evaluation.
        recipe: The recipe's keys.

    Returns:
        Markdown with YAML front matter.
    """
    shell = Shell((files(__package__) / "card.md").read_text(encoding="utf-8"))
    heading = Path(str(recipe.get("output_dir") or content["model"]["name"])).name
    held = {head: names for head, names in ordered(_held(content))}
    return shell.substitute(
        front=_front(content, recipe, heading),
        title=_plain(heading),
        crisis=_crisis(),
        base=_plain(content["base"]["name"]) if content["base"] else "nothing",
        verdict=content["verdict"],
        reasons=_list(content["reasons"]),
        what=_list(_what(content, recipe)),
        rewards=_rewards(content),
        data=_data(content, recipe),
        how=_how(content),
        metrics=_table(content, [n for h, ns in held.items() if _general(h) for n in ns]),
        guards=_table(content, held.get("Guards", [])),
        dialogues=_table(content, held.get("Dialogues", [])),
        errors=_table(content, [n for h, ns in held.items() if "Errors" in h for n in ns]),
        limits=_list(f"Not measured: {name}." for name in content["not_measured"]),
        commands=f"axolotl train {quote(content['recipe'])}\nemp eval {_again(content)}",
        seed=content["seed"],
        versions=", ".join(f"{name} {number}" for name, number in content["versions"].items()),
    )


def license_of(base: str) -> str:
    """The license that a base model's own card names.

    Args:
        base: A folder, or a name on the hub, which is not asked.

    Returns:
        The hub's name of the license; ``unknown`` where no card lies in the folder.
    """
    import yaml

    readme = Path(base) / "README.md"
    if not readme.is_file():
        return UNKNOWN_LICENSE
    _, _, rest = readme.read_text(encoding="utf-8", errors="replace").partition("---\n")
    try:
        front = yaml.safe_load(rest.partition("\n---")[0])
    except yaml.YAMLError:
        return UNKNOWN_LICENSE
    named = front.get("license") if isinstance(front, dict) else None
    return named if isinstance(named, str) and named else UNKNOWN_LICENSE


def _front(content: Mapping[str, Any], recipe: Mapping[str, Any], heading: str) -> str:
    from huggingface_hub import EvalResult, ModelCardData

    base = str(content["base_model"] or "")
    figures = content["model"]["figures"]
    measured = {name: one["mean"] for name, one in figures.items()}
    if content["win_rate"]:
        measured["win_rate"] = content["win_rate"]["rate"]
    data = ModelCardData(
        base_model=base if base and not Path(base).exists() else None,  # a name on the hub
        datasets=_hub_datasets(recipe) or None,
        language="en",
        library_name="peft" if recipe.get("adapter") else "transformers",
        license=license_of(base),
        model_name=heading,
        pipeline_tag="text-generation",
        tags=["empathy", "mental-health", content["method"], "axolotl", "empathy-recipes"],
        eval_results=[
            EvalResult(
                task_type="text-generation",
                dataset_type="empathy-recipes",
                dataset_name="emp eval",
                metric_type=name,
                metric_name=title(name),
                metric_value=round(measured[name], 4),
            )
            for name in METRICS
            if name in measured
        ]
        or None,
    )
    return f"---\n{data.to_yaml()}\n---"


def _hub_datasets(recipe: Mapping[str, Any]) -> list[str]:
    """Data sets by their name on the hub; local files are no such names."""
    entries = [e for e in recipe.get("datasets") or () if isinstance(e, Mapping)]
    names = [str(entry.get("path") or "") for entry in entries]
    return [name for name in names if name.count("/") == 1 and not Path(name).suffix]


def _what(content: Mapping[str, Any], recipe: Mapping[str, Any]) -> Iterator[str]:
    yield f"Base model: `{_plain(str(content['base_model']))}`"
    adapter = recipe.get("adapter")
    rank = f", rank {recipe['lora_r']}" if adapter and recipe.get("lora_r") else ""
    yield f"Method: {content['method']}, {f'{adapter} adapter{rank}' if adapter else 'all weights'}"
    for key in ("learning_rate", "max_steps", "num_epochs", "rl_beta", "seed"):
        if recipe.get(key) is not None:
            yield f"{key}: {recipe[key]}"
    yield f"Recipe: `{_plain(content['recipe'])}`"
    yield f"Evaluated weights: `{_plain(content['model']['name'])}`"


def _rewards(content: Mapping[str, Any]) -> str:
    of = "of the training" if content["own_rewards"] else "that judge the data; it trained on none"
    rows = [(name, f"{weight:g}") for name, weight in content["rewards"].items()]
    return f"Rewards {of}:\n\n{_markdown(('Reward', 'Weight'), rows)}"


def _data(content: Mapping[str, Any], recipe: Mapping[str, Any]) -> str:
    rows = [
        (f"`{one['path']}`", str(one.get("rows", "unknown")), f"`{one['sha256']}`")
        for one in content["data"]
    ]
    hub = _list(f"`{name}` on the hub" for name in _hub_datasets(recipe))
    if not rows and not hub:
        return "The data of the training were not there when this card was written."
    return "\n\n".join(filter(None, [_markdown(("File", "Rows", "SHA-256"), rows), hub]))


def _how(content: Mapping[str, Any]) -> str:
    prompts, parts = content["prompts"], content["parts"]
    lines = []
    if "single" in parts:
        lines.append(f"{prompts['n']} held-out prompts ({prompts['path']})")
    if "multi" in parts:
        client = f"{content['dialogues']} simulated clients ({content['client']})"
        lines.append(f"{client}, {content['turns']} turns each")
    if "guards" in parts:
        lines.append(f"{content['statements']} statements, each put twice")
        lines.append(f"{content['instructions']} plain instructions")
    return _list(lines)


def _held(content: Mapping[str, Any]) -> Sequence[str]:
    return list(content["differences"] or content["model"]["figures"])


def _general(head: str) -> bool:
    return head in (HEAD_TO_HEAD, "Empathy", "Rewards", "By the phrase bank", "Other")


def _table(content: Mapping[str, Any], names: Sequence[str]) -> str:
    rows = [row for name in names if (row := _row(content, name))]
    if not rows:
        return NOT_MEASURED
    head = ("Measure", "Base", "Model", "Difference [95 %]", "n")
    return _markdown(head, rows)


def _row(content: Mapping[str, Any], name: str) -> Sequence[str] | None:
    one = content["differences"].get(name)
    if one is None:
        held = content["model"]["figures"][name]
        ends = f"[{number(held['low'], name)}, {number(held['high'], name)}]"
        return title(name), "", f"{number(held['mean'], name)} {ends}", "", str(held["n"])
    if name.removeprefix(DIALOGUE).startswith(ERRORS) and not one["base"] and not one["model"]:
        return None
    ends = f"[{signed(one['low'], name)}, {signed(one['high'], name)}]"
    base, model = number(one["base"], name), number(one["model"], name)
    return title(name), base, model, f"{signed(one['difference'], name)} {ends}", str(one["n"])


def _again(content: Mapping[str, Any]) -> str:
    """The recipe and options of the command, as a shell takes them."""
    given = {**content["options"], "seed": content["seed"]}
    told = [f"--{name.replace('_', '-')} {quote(str(value))}" for name, value in given.items()]
    return " ".join([quote(content["recipe"]), *told])


def _crisis() -> str:
    found = [f"{one.contact} ({one.name})" for one in resources(LOCALE) if one.contact.isdigit()]
    return f"in the US call or text {' or '.join(found)}, elsewhere your local emergency number"


def _list(lines: Any) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(_plain, line)) + " |" for line in lines)


def _plain(text: str) -> str:
    escaped = text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split())
