"""The generator: fresh, whole, and of one mind with Axolotl's own models."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator
from pydantic import BaseModel, TypeAdapter, ValidationError

from emp_plugins.check.schema import FILE, load
from emp_plugins.check.schema.faults import faults
from emp_plugins.check.schema.lax import validator
from emp_plugins.judges import BACKENDS, kinds
from emp_plugins.rewards import REWARDS
from emp_tooling.schema import integrations, tables
from emp_tooling.schema.command import command
from emp_tooling.schema.pydantic_schema import models
from emp_tooling.schema.walk import subschemas, undescribed

VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, 7, -1, 0.5, 2.0),
    *("", "abc", "auto", "5e-6", "12", "true", "no"),
    *([], ["a"], [1], [0.5], [[1, 2]], {}, {"a": 1}, {"a": "b"}, {"a": [1]}),
)
"""What a recipe may say, of every kind."""

ASIDE = ("additionalProperties", "x-dropped", "x-instead", "x-plugin", "x-removed")

NARROWED = {
    *("adapter", "eval_strategy", "hub_strategy", "lr_scheduler", "optimizer", "save_strategy"),
    *("attn_implementation", "large_head_attention", "torch_compile_options"),
}
"""Keys whose models take any text and whose validators or builders do not."""

ELSEWHERE = {
    *("datasets", "test_datasets", "pretraining_dataset"),  # their class follows the method
    "image_resize_algorithm",  # Python's True is 1, and 1 a member of its enumeration
    "fp8_config",  # the one model that is strict itself
    *("max_memory", "added_tokens_overrides"),  # JSON Schema knows no type of a mapping's keys
    *("activation_dtype", "weight_dtype"),  # written by name, kept as objects
}
"""Keys that other tests look at, or that no schema can describe."""


@pytest.fixture(scope="module")
def model() -> type[BaseModel]:
    from axolotl.utils.schemas.config import AxolotlInputConfig

    return AxolotlInputConfig


def test_it_is_a_schema_in_which_every_reference_leads_somewhere() -> None:
    Draft202012Validator.check_schema(load())
    names = {part["$ref"] for part in subschemas(load()) if "$ref" in part}
    assert names and names <= {f"#/$defs/{name}" for name in load()["$defs"]}


def test_it_names_the_version_it_was_made_from() -> None:
    from importlib.metadata import version

    assert load()["x-axolotl-version"] == version("axolotl")


def test_objects_with_named_keys_take_no_others() -> None:
    objects = [part for part in subschemas(load()) if part.get("type") == "object"]
    assert len(objects) > 40
    assert all(
        part["additionalProperties"] is False
        for part in objects
        if "properties" in part and "then" not in part
    )


def test_every_name_of_a_field_is_a_key(model: type[BaseModel]) -> None:
    names = set(model.model_fields) | {field.alias for field in model.model_fields.values()}
    assert names - {None} <= load()["properties"].keys()
    assert {"version", "fsdp_version"} <= load()["$defs"]["FSDPConfig"]["properties"].keys()


def test_every_deprecated_field_says_what_replaces_it(model: type[BaseModel]) -> None:
    deprecated = {name for name, field in model.model_fields.items() if field.deprecated}
    assert deprecated and deprecated <= tables.INSTEAD.keys()


def test_every_integration_with_keys_is_found() -> None:
    import axolotl.integrations

    folder = Path(axolotl.integrations.__path__[0])
    packages = {file.parent.name for file in folder.glob("*/args.py")}
    found = {item.plugin.split(".")[2] for item in integrations.find()}
    assert found == packages and "liger" in found


def test_rewards_and_judges_are_all_there() -> None:
    block = load()["$defs"]["EmpathyConfig"]["properties"]
    assert block["rewards"]["properties"].keys() == REWARDS.keys()
    assert sorted(block["judges"]["properties"]) == kinds()
    pairs = {f"judge-{kind}-{backend}" for backend, held in BACKENDS.items() for kind in held}
    assert pairs <= load()["$defs"].keys()


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_each_field_takes_what_its_model_takes(model: type[BaseModel], value: Any) -> None:
    disagree = []
    for part, path in _blocks(model):
        refused = _refused_by_schema(path, dict.fromkeys(part.model_fields, value))
        for name in part.model_fields:
            known = name in NARROWED | ELSEWHERE
            if not known and _takes(part, name, value) == (name in refused):
                disagree.append((*path, name))
    assert disagree == []


def _blocks(model: type[BaseModel]) -> list[tuple[type[BaseModel], tuple[str, ...]]]:
    """The model, and each model that one of its fields holds."""
    nested = [
        (part, (name,))
        for name, field in model.model_fields.items()
        for part in models(model)
        if part in getattr(field.annotation, "__args__", ())
    ]
    assert {"trl", "vllm", "ebft", "fsdp_config"} <= {path[0] for _, path in nested}
    return [(model, ()), *nested]


@cache
def _adapter(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = model.model_fields[name]
    kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(kind)


def _takes(model: type[BaseModel], name: str, value: Any) -> bool:
    try:
        _adapter(model, name).validate_python(value)
    except ValidationError:
        return False
    return True


def _refused_by_schema(path: tuple[str, ...], values: dict[str, Any]) -> set[Any]:
    """Names of the keys whose value is refused.

    Further keys of a model are left aside: there the schema is stricter on purpose.
    """
    errors = faults(validator().iter_errors({path[0]: values} if path else values))
    return {
        error.absolute_path[len(path)]
        for error in errors
        if len(error.absolute_path) > len(path) and error.validator not in ASIDE
    }


class TestCommand:
    def test_writes_what_is_committed_so_that_is_fresh(self, tmp_path: Path) -> None:
        out = tmp_path / "new" / "a.json"
        result = CliRunner().invoke(command, ["--out", str(out)])
        assert (result.exit_code, result.stdout) == (0, f"{out}\n")
        written = out.read_text(encoding="utf-8")
        assert written == FILE.read_text(encoding="utf-8"), "run `emp schema`"
        assert written == json.dumps(load(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"

    def test_check_says_in_one_line_that_a_file_is_stale(self, tmp_path: Path) -> None:
        out = tmp_path / "a.json"
        out.write_text("{}\n", encoding="utf-8")
        result = CliRunner().invoke(command, ["--check", "--out", str(out)])
        assert result.exit_code == 1
        assert result.output == f"{out}: stale; run `emp schema` and commit the file\n"
        assert out.read_text(encoding="utf-8") == "{}\n"

    def test_check_is_silent_where_all_is_well(self) -> None:
        result = CliRunner().invoke(command, ["--check"])
        assert (result.exit_code, result.output) == (0, "")


def test_axolotls_own_words_are_quoted_only_when_asked(tmp_path) -> None:
    out = tmp_path / "quoted.json"
    done = CliRunner().invoke(command, ["--descriptions", "--out", str(out)])
    assert done.exit_code == 0
    quoted = json.loads(out.read_text(encoding="utf-8"))
    assert "description" in quoted["properties"]["sequence_len"]
    assert "description" not in load()["properties"]["sequence_len"]
    assert "description" in load()["$defs"]["EmpathyConfig"]  # ours
    assert undescribed(quoted["properties"]["trl"]) == load()["properties"]["trl"]
    refused = CliRunner().invoke(command, ["--descriptions"])
    assert refused.exit_code != 0 and "give --out" in str(refused.exception)
