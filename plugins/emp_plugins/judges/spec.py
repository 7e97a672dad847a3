"""Which backend serves a judge, as a recipe writes it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class JudgeSpec(BaseModel):
    """Settings of one judge; hashable, so that equal settings share one judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backend: Literal["embedded"] = Field(
        default="embedded", description="embedded: the linear model that ships, no download"
    )
