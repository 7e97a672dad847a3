"""Axolotl's own validation of a recipe, as on a GPU that can do everything."""

from __future__ import annotations

import contextlib
import copy
import re
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import metadata
from types import SimpleNamespace
from typing import Any

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import KeyPath, Recipe
from emp_plugins.check.schema import axolotl_version
from emp_plugins.config import EmpathyConfig
from emp_plugins.errors import InputError
from emp_plugins.registration import fill_trl
from emp_plugins.reward_funcs import PLUGIN_NAMES

GPU = {"bf16": True, "fp8": True, "tf32": True, "n_node": 1, "compute_capability": "sm_90"}
TORCH = {"torch_version": "2.11.0"}
LONGEST = 300
"""Characters of Axolotl's own words that are shown."""


def check(recipe: Recipe) -> tuple[list[Finding], Any]:
    """Validates a copy of the recipe.

    Args:
        recipe: The recipe.

    Returns:
        What is wrong with it, and the validated configuration; None where validation failed.

    Raises:
        InputError: Axolotl is not installed.
    """
    try:
        from axolotl.utils.config import validate_config
        from axolotl.utils.dict import DictDefault
    except ImportError as error:
        raise InputError(
            f"--deep needs {error.name}, which is not installed: "
            "pip install 'empathy-recipes[train]'"
        ) from None
    cfg = DictDefault(copy.deepcopy(dict(recipe.data)))
    capabilities = {**GPU, "n_gpu": recipe.world_size}
    with _plugins(cfg):
        try:
            _fill_rewards(cfg)
            valid = validate_config(cfg, capabilities=capabilities, env_capabilities=TORCH)
        except InputError:
            return [], None  # our own block is wrong, which another check says
        except Exception as error:  # on a wrong type its validators fail in any way
            return list(_findings(recipe, error)), None
        return list(_dropped(recipe, valid)), valid


@contextlib.contextmanager
def _plugins(cfg: Any) -> Iterator[None]:
    """Registers the recipe's plugins alone; Axolotl keeps all it ever loaded in one place."""
    from axolotl.integrations.base import PluginManager

    manager = PluginManager.get_instance()
    before, manager.plugins = manager.plugins, OrderedDict()
    try:
        names = cfg.get("plugins")
        for name in names if isinstance(names, list) else []:
            manager.register(name)  # a failed import is told by another check
            if name in manager.plugins and name not in PLUGIN_NAMES:
                manager.plugins[name].register(cfg)
        yield
    finally:
        manager.plugins = before


def _fill_rewards(cfg: Any) -> None:
    """Names the rewards for TRL as our plugin does, without loading a judge."""
    if not set(PLUGIN_NAMES) & set(cfg.get("plugins") or []):
        return
    config = EmpathyConfig.from_recipe(cfg)
    params = config.reward_params if config is not None else {}
    rewards = {
        name: SimpleNamespace(params=value, weight=value.weight) for name, value in params.items()
    }
    fill_trl(cfg, rewards)


def _findings(recipe: Recipe, error: Exception) -> Iterator[Finding]:
    from pydantic import ValidationError

    if not isinstance(error, ValidationError):
        yield _finding(recipe, named_key(recipe, str(error)), error)
        return
    seen: set[KeyPath] = set()
    for item in error.errors(include_url=False):
        path = place(recipe.data, item["loc"], missing=item["type"] == "missing")
        if error.title.endswith("Dataset"):
            path = _dataset_entry(recipe, item)
        message = item["msg"].removeprefix("Value error, ")
        path = path or named_key(recipe, message)
        if not path or path not in seen:  # a union complains once for each of its types
            seen.add(path)
            yield _finding(recipe, path, message)


def _finding(recipe: Recipe, path: KeyPath, problem: object) -> Finding:
    words = " ".join(str(problem).split())
    if len(words) > LONGEST:
        words = f"{words[:LONGEST]}…"
    if isinstance(problem, Exception) and not isinstance(problem, ValueError):
        words = f"its validation fails with {type(problem).__name__}: {words}"
    return recipe.finding(path, f"Axolotl refuses this: {words}")


def place(data: Any, loc: Sequence[str | int], *, missing: bool = False) -> KeyPath:
    """The path in a recipe that pydantic's location means.

    Args:
        data: What was validated.
        loc: pydantic's location, with the names of types among the keys.
        missing: Whether the last step is a key that should be there.

    Returns:
        The steps that exist, and the missing one.

    Example:
        >>> recipe = {"test_datasets": [{"path": "a", "type": 3}]}
        >>> place(recipe, ("test_datasets", 0, "SFTDataset", "type", "str"))
        ('test_datasets', 0, 'type')
        >>> place(recipe, ("base_model",), missing=True)
        ('base_model',)
    """
    path: list[str | int] = []
    for step in loc:
        known = isinstance(data, Mapping) and step in data
        known = known or (isinstance(data, list) and isinstance(step, int) and step < len(data))
        if known:
            data = data[step]
            path.append(step)
    return (*path, loc[-1]) if missing and loc else tuple(path)


def named_key(recipe: Recipe, message: str) -> KeyPath:
    r"""The recipe's key that a message names first; a dotted one before its parts.

    Args:
        recipe: The recipe.
        message: A library's words.

    Returns:
        Its path, empty where the message names none.

    Example:
        >>> recipe = Recipe.from_text("a.yml", "adapter: qlora\nload_in_4bit: false\n")
        >>> named_key(recipe, "Require cfg.load_in_4bit to be True for qlora")
        ('load_in_4bit',)
    """
    words = re.findall(r"[A-Za-z_][\w]*(?:\.[A-Za-z_]\w*)*", message)
    for word in words:
        steps = tuple(word.removeprefix("cfg.").split("."))
        for path in (steps, steps[:1], steps[-1:]):
            if recipe.get(*path) is not None:
                return path
    return ()


def _dataset_entry(recipe: Recipe, item: Any) -> KeyPath:
    """A dataset is validated by itself, so the location lacks which one it is."""
    missing = item["type"] == "missing"
    for index, entry in enumerate(recipe.get("datasets") or []):
        loc = item["loc"]
        has = isinstance(entry, Mapping) and loc and loc[0] in entry
        if has != missing:
            return ("datasets", index, *place(entry, loc, missing=missing))
    return ("datasets",)


def _dropped(recipe: Recipe, valid: Mapping[str, Any]) -> Iterator[Finding]:
    """What the check of keys cannot know: its schema is of another version of Axolotl."""
    if metadata.version("axolotl") == axolotl_version():
        return
    paths = list(lost(recipe.data, valid))
    known = _fields(recipe) if paths else set()
    for path in paths:
        if len(path) > 1 or path[0] not in known:  # a deprecated key is moved, not lost
            yield recipe.finding(path, "Axolotl drops this key without a word")


def _fields(recipe: Recipe) -> set[str]:
    from axolotl.utils.config import AxolotlInputConfigBase, merge_input_args

    schema = merge_input_args()[1] if recipe.get("plugins") else AxolotlInputConfigBase
    return set(schema.model_fields)


def lost(before: Any, after: Any, path: KeyPath = ()) -> Iterable[KeyPath]:
    """The keys that a validated copy no longer has.

    Args:
        before: What went in; keys set to nothing do not count.
        after: What came out.
        path: Keys that lead here.

    Yields:
        Their paths.

    Example:
        >>> list(lost({"a": {"b": 1, "c": None}, "d": [{"e": 2}]}, {"a": {}, "d": [{}]}))
        [('a', 'b'), ('d', 0, 'e')]
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key, value in before.items():
            if value is not None and key not in after:
                yield (*path, key)
            elif value is not None:
                yield from lost(value, after[key], (*path, key))
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from lost(one, other, (*path, index))
