"""Which backend serves a judge, as a recipe writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class EmbeddedSpec(BaseModel):
    """A judge that ships; it has no settings. Hashable, so that equal settings share one judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Literal["embedded"] = Field(
        default="embedded", description="embedded: the small models that ship, no download"
    )


Spec = EmbeddedSpec
"""What every judge module of the embedded backend takes."""
