"""``python -m emp_tooling.benchmarks.axolotl_examples``: what ``emp check`` says of other recipes.

Meant for the examples in Axolotl's source archive, which people copy: each finding there is a real
mistake or a false alarm, and ``--verify`` asks Axolotl itself which.
"""

from __future__ import annotations

import contextlib
import importlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
from rich.console import Console
from rich.table import Table

from emp_datagen.lazy import Failure
from emp_plugins.check import CHECKS, Finding, Recipe
from emp_plugins.check.deep.validation import GPU, TORCH
from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml

SUFFIXES = (".yml", ".yaml")
DETAIL = re.compile(r"'[^']*'|\bgot .*|(?<![\w.])\d[\d,.]*")
LOST = ("unknown key", "Axolotl drops")
SERIOUS = {"error": 0, "warning": 1, "note": 2}


class Kind(NamedTuple):
    """Findings that differ in names and numbers alone.

    Attributes:
        severity: ``error``, ``warning`` or ``note``.
        check: The module that found them.
        message: What they say.
    """

    severity: str
    check: str
    message: str


EXAMPLES = """\b
Example:
  python -m emp_tooling.benchmarks.axolotl_examples axolotl-0.19.0/examples --only keys
"""


@click.command(name="axolotl_examples", epilog=EXAMPLES)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--only", multiple=True, help="A check, such as keys; all by default.")
@click.option("--show", is_flag=True, help="Print each finding too.")
@click.option("--verify", is_flag=True, help="Ask Axolotl whether it drops or refuses each key.")
def command(folder: Path, only: tuple[str, ...], show: bool, verify: bool) -> None:
    """Run the static checks on every recipe below FOLDER and count the findings by kind."""
    checks = [name for name in CHECKS if not only or name.rpartition(".")[2] in only]
    if not checks:
        raise Failure(f"--only: no such check; there are {', '.join(map(_short, CHECKS))}")
    with contextlib.chdir(folder.resolve().parent):  # recipes name files from there
        _report(Path(folder.resolve().name), checks, show, verify)


def _report(folder: Path, checks: list[str], show: bool, verify: bool) -> None:
    console = Console(width=None if Console().is_terminal else 160)
    recipes, others = _read(folder)
    found = {recipe.path: list(_findings(recipe, checks)) for recipe in recipes}
    if show:
        for _, finding in (item for items in found.values() for item in items):
            console.print(f"{finding.severity}: {finding}", soft_wrap=True, markup=False)
    console.print(_table(found))
    clean = sum(all(item.severity != "error" for _, item in items) for items in found.values())
    console.print(f"{len(recipes)} recipes, {clean} of them without an error; {others} other files")
    if verify:
        for verdict, count in sorted(_verdicts(recipes, found).items()):
            console.print(f"{count:5d} {verdict}")


def _read(folder: Path) -> tuple[list[Recipe], int]:
    """The recipes below a folder, and how many YAML files are none."""
    files = sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)
    recipes = []
    for path in files:
        with contextlib.suppress(InputError):  # counted below: a list, or no YAML at all
            recipes.append(Recipe.read(path))
    trained = [recipe for recipe in recipes if recipe.get("base_model")]
    return trained, len(files) - len(trained)


def _findings(recipe: Recipe, checks: Iterable[str]) -> Iterator[tuple[str, Finding]]:
    for name in checks:
        for finding in importlib.import_module(name).check(recipe):
            yield _short(name), finding


def _short(name: str) -> str:
    return name.rpartition(".")[2]


def _table(found: dict[str, list[tuple[str, Finding]]]) -> Table:
    kinds: dict[Kind, list[Finding]] = defaultdict(list)
    for check, finding in (item for items in found.values() for item in items):
        kinds[Kind(finding.severity, check, DETAIL.sub("…", finding.message))].append(finding)
    table = Table("severity", "check", "message", "findings", "files", "first key")
    for kind in sorted(kinds, key=lambda kind: (SERIOUS[kind.severity], -len(kinds[kind]))):
        items = kinds[kind]
        files = len({item.file for item in items})
        table.add_row(*kind, str(len(items)), str(files), items[0].key)
    return table


def _verdicts(recipes: list[Recipe], found: dict[str, list[tuple[str, Finding]]]) -> Counter[str]:
    """How many findings of the check of keys Axolotl's own validation bears out."""
    counts: Counter[str] = Counter()
    for recipe in recipes:
        findings = [item for check, item in found[recipe.path] if check == "keys"]
        lost = [item for item in findings if item.message.startswith(LOST)]
        refused = [item for item in findings if item.severity == "error" and item not in lost]
        kept = _validated(recipe.path)
        if kept is None:
            counts["errors where Axolotl refuses the recipe"] += len(refused)
            counts["keys said to be dropped, of a recipe that Axolotl refuses"] += len(lost)
        else:
            counts["errors where Axolotl accepts the recipe: false alarms"] += len(refused)
            alarms = sum(_value(kept, item.key) is not None for item in lost)
            counts["keys that Axolotl keeps: false alarms"] += alarms
            counts["keys that Axolotl drops"] += len(lost) - alarms
    return counts


def _validated(path: str) -> Any:
    """What Axolotl makes of a recipe; None where it refuses it."""
    from axolotl.integrations.base import PluginManager
    from axolotl.utils.config import prepare_plugins, validate_config
    from axolotl.utils.dict import DictDefault

    PluginManager.get_instance().plugins.clear()  # or a recipe is granted the keys of earlier ones
    config = DictDefault(read_yaml(path))
    try:
        prepare_plugins(config)
        return validate_config(config, capabilities={**GPU, "n_gpu": 1}, env_capabilities=TORCH)
    except Exception as error:  # its validators raise what they like, plugins ImportError
        click.echo(f"{path}: {' '.join(str(error).split())[:200]}", err=True)
        return None


def _value(config: Any, key: str) -> Any:
    for step in re.findall(r"\w+", key.replace("fsdp_config.fsdp_", "fsdp_config.")):
        if config is None:
            return None
        config = config[int(step)] if step.isdigit() else config.get(step)
    return config


if __name__ == "__main__":
    command()
