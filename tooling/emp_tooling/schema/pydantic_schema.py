"""pydantic's own generator, with the two things it cannot do for Axolotl's models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import AliasChoices, BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError

from emp_tooling.schema.walk import Schema, tidy


class Generator(GenerateJsonSchema):
    """Writes enumerations of Python objects, such as torch.dtype, by the names of their members."""

    def enum_schema(self, schema: Any) -> Schema:
        """The members' values, or their names where a value is no JSON."""
        try:
            return super().enum_schema(schema)
        except PydanticSerializationError:
            return {"type": "string", "enum": [member.name for member in schema["members"]]}

    def encode_default(self, dft: Any) -> Any:
        """The default as JSON; a member of an enumeration by its name where it is none."""
        try:
            return super().encode_default(dft)
        except PydanticSerializationError:
            return dft.name


def generate(model: type[BaseModel]) -> Schema:
    """The strict schema of a model, with every name under which a field is accepted.

    Args:
        model: A pydantic model.

    Returns:
        Its schema; nested models stand in ``$defs``.
    """
    schema = tidy(model.model_json_schema(schema_generator=Generator))
    definitions = schema.get("$defs", {})
    for nested in models(model):
        part = schema if nested is model else definitions[nested.__name__]
        for name, names in _names(nested):
            known = next(alias for alias in names if alias in part["properties"])
            part["properties"] |= {alias: part["properties"][known] for alias in (name, *names)}
    return schema


def models(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and those that its fields hold, each once."""
    found = [model]
    for owner in found:
        for field in owner.model_fields.values():
            found += [item for item in _inside(field.annotation) if item not in found]
    return found


def _inside(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


def _names(model: type[BaseModel]) -> Iterator[tuple[str, list[str]]]:
    """Fields that have other names too."""
    for name, field in model.model_fields.items():
        alias = field.validation_alias
        if isinstance(alias, AliasChoices):
            yield name, [choice for choice in alias.choices if isinstance(choice, str)]
        elif isinstance(alias, str):
            yield name, [alias]
