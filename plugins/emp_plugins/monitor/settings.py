"""The ``monitor:`` block of ``empathy:``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from emp_plugins.affect.calibration import Calibration


class MonitorConfig(BaseModel):
    """How a run is watched."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    every_steps: int = Field(100, ge=1, description="Measure before the first step and every N.")
    prompts: str | None = Field(
        None, description="Held-out prompts, JSONL; 48 shipped ones by default."
    )
    n: int = Field(24, ge=1, description="How many of them, the same ones each time.")
    max_new_tokens: int | None = Field(
        None, ge=1, description="Longest reply; trl.max_completion_length by default, else 256."
    )
    temperature: float = Field(
        0.7, ge=0, allow_inf_nan=False, description="Of the sampling; 0 for greedy."
    )
    batch_size: int = Field(24, ge=1, description="Prompts that run together.")
    seed: int = Field(0, description="Seed of the sampling, the same at each measurement.")
    calibration: Calibration = Field(
        default_factory=Calibration,
        description="From the polarity of a reply to [0, 1], for the calibrated curve.",
    )
    health: dict[str, dict[str, Any] | bool | None] = Field(
        default_factory=dict,
        description="Health rule to its thresholds, or false to switch it off.",
    )
    stop_on: list[str] = Field(
        default_factory=list, description="Health rules whose warning ends the training."
    )
    skip_rewards: list[str] = Field(
        default_factory=list,
        description="Rewards that the monitor does not call: those with a state or a price.",
    )
    log_extra: bool = Field(
        True, description="Give TRL's table of completions the extracted answer, axes and rule."
    )
    completions: bool = Field(
        False, description="Write completions.jsonl, with client text, into output_dir."
    )

    @model_validator(mode="before")
    @classmethod
    def _settings(cls, block: Any) -> Any:
        if not isinstance(block, (Mapping, cls)):
            raise ValueError("expected settings; {} has the defaults, without the key none watches")
        return block

    @field_validator("calibration")
    @classmethod
    def _comparable(cls, calibration: Calibration) -> Calibration:
        if calibration.method == "batch":
            raise ValueError("batch hides every change between measurements; use range or isotonic")
        return calibration

    @field_validator("stop_on")
    @classmethod
    def _once(cls, names: list[str]) -> list[str]:
        return list(dict.fromkeys(names))
