"""Axolotl's part of a recipe's schema: its own models, and what its validators add to them."""

from __future__ import annotations

from typing import Any

from emp_tooling.schema import tables
from emp_tooling.schema.pydantic_schema import generate
from emp_tooling.schema.walk import NULL, Schema, described, optional, reference, when

METHODS = {"DPODataset": ("dpo", "ipo", "simpo"), "KTODataset": ("kto",)}
"""Class of a data set to the values of ``rl`` for which Axolotl reads ``datasets`` with it."""


def schema() -> Schema:
    """The schema of what Axolotl accepts without any plugin.

    Returns:
        An object's schema with ``$defs``.
    """
    from axolotl.utils.schemas.config import AxolotlInputConfig

    root = generate(AxolotlInputConfig)
    root["properties"] |= {name: {} for name in tables.READ_BEFORE}
    root["properties"] |= {name: {"x-dropped": hint} for name, hint in tables.DROPPED.items()}
    _mark(root["properties"], tables.INSTEAD)
    _mark(root["$defs"]["SFTDataset"]["properties"], tables.DATASET_INSTEAD)
    _mark_removed(root["properties"])
    _known_values(root)
    _prefixed(root["$defs"]["FSDPConfig"]["properties"])
    _by_method(root)
    return root


def _mark(properties: Schema, instead: dict[str, str]) -> None:
    for name, other in instead.items():
        properties[name] |= {"deprecated": True, "x-instead": other}


def _mark_removed(properties: Schema) -> None:
    """Marks the keys that Axolotl refuses, found by asking it."""
    from axolotl.utils.schemas.deprecated import DeprecatedParameters

    for name in DeprecatedParameters.model_fields:
        if _refused(DeprecatedParameters, {name: "1"}):
            by_zero = _refused(DeprecatedParameters, {name: 0})
            properties[name] |= {"deprecated": True, "x-removed": "set" if by_zero else "on"}
    for name in tables.UNSLOTH:
        properties[name] = {"deprecated": True, "x-removed": "on"}


def _refused(model: Any, values: dict[str, Any]) -> bool:
    try:
        model(**values)
    except DeprecationWarning:
        return True
    return False


def _known_values(root: Schema) -> None:
    """Replaces free text by the values that do not fail later, when the trainer is built."""
    from axolotl.utils.schemas import enums
    from transformers.trainer_utils import (
        HubStrategy,
        IntervalStrategy,
        SaveStrategy,
        SchedulerType,
    )
    from transformers.training_args import OptimizerNames

    known = {
        "adapter": tables.ADAPTERS,
        "eval_strategy": _values(IntervalStrategy),
        "hub_strategy": _values(HubStrategy),
        "lr_scheduler": (*_values(SchedulerType), *tables.SCHEDULERS),
        "optimizer": (*_values(OptimizerNames), *_values(enums.CustomSupportedOptimizers)),
        "save_strategy": _values(SaveStrategy),
    }
    properties = root["properties"]
    for name, values in known.items():
        _restrict(properties, name, {"enum": sorted(set(values))})
    _restrict(properties, "large_head_attention", {"enum": ["auto", "sdpa", "triton_flash"]})
    kernels = {"type": "string", "pattern": "/", "x-words": "a kernel on the hub (ORG/NAME)"}
    names = {"type": "string", "enum": sorted(enums.CANONICAL_ATTN_IMPLS)}
    attention = {"anyOf": [names, kernels, NULL]}
    properties["attn_implementation"] = {**properties["attn_implementation"], **attention}
    for part in properties["chat_template"]["anyOf"]:
        if "pattern" in part:
            part["x-words"] = f"{part['pattern'].strip('^')}NAME"
    options = properties["torch_compile_options"]["anyOf"][0]
    allowed = sorted(enums.INDUCTOR_COMPILE_OPTIONS_ALLOWLIST)
    options["properties"] = {name: options["additionalProperties"] for name in allowed}
    options["additionalProperties"] = False
    root["$defs"]["TorchAOQuantDType"]["enum"] += tables.DTYPE_ALIASES


def _values(enumeration: Any) -> list[str]:
    return [member.value for member in enumeration]


def _restrict(properties: Schema, name: str, values: Schema) -> None:
    properties[name] = {**properties[name], **optional({"type": "string", **values})}
    properties[name].pop("type", None)


def _prefixed(properties: Schema) -> None:
    """``fsdp_config`` takes each key with the prefix ``fsdp_`` too; a validator cuts it off."""
    for name, part in list(properties.items()):
        if name not in ("version", "fsdp_version"):
            properties[f"fsdp_{name}"] = {**part, "deprecated": True, "x-instead": name}


def _by_method(root: Schema) -> None:
    """The class of ``datasets`` follows ``rl``, and Axolotl drops what that class lacks."""
    held: Schema = {"type": "array", "minItems": 1}
    base = root["properties"]["datasets"]
    root["properties"]["datasets"] = described(optional(held), base.get("description"))
    synthetic = when("type", ["_synthetic"], reference("SyntheticDataset"), reference("SFTDataset"))
    branch = _datasets(synthetic)
    for name, methods in METHODS.items():
        branch = when("rl", list(methods), _datasets(reference(name)), branch)
    root["allOf"] = [branch]


def _datasets(items: Schema) -> Schema:
    return {"properties": {"datasets": {"items": items}}}
