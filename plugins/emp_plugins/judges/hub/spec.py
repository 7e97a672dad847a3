"""Settings that every judge with a transformers checkpoint takes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class HubSpec(BaseModel):
    """The checkpoint and how it runs; a judge's own ``Spec`` adds its backend and its fields.

    Example:
        >>> HubSpec(model="SamLowe/roberta-base-go_emotions").device
        'auto'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(min_length=1, description="Hub id, or path of a folder with config.json.")
    revision: str | None = Field(
        None, description="Branch, tag or commit on the hub; pin a commit to keep scores the same."
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d+)?)$",
        description="auto (a GPU where there is one), cpu, cuda or cuda:1.",
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = Field(
        "auto",
        description="auto: float32 on a CPU, float16 on a GPU. bfloat16 makes ties: its steps are "
        "1/64 around a score of 3.",
    )
    max_length: int = Field(
        256, ge=8, description="Tokens that a text is cut at; at most the model's own limit."
    )
    tokens_per_batch: int | None = Field(
        None,
        ge=1,
        description="Padded tokens in one pass; default 512 on a CPU, whose caches hold no more, "
        "16384 on a GPU; halved where memory runs out.",
    )
