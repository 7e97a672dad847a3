"""From a judge's raw score to [0, 1]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from emp_plugins.affect import isotonic
from emp_plugins.errors import InputError

Method = Literal["range", "fixed", "batch", "isotonic"]

FIELDS: Mapping[str, tuple[str, ...]] = {
    "range": ("temperature", "low", "high"),
    "fixed": ("temperature", "mean", "deviation"),
    "batch": ("temperature",),
    "isotonic": ("file", "x", "y"),
}
"""Method -> the fields it uses; any other is refused, so that none is silently without effect."""

_EDGE = 1e-6
"""Keeps logits finite at the ends of the range."""


class Calibration(BaseModel):
    """How raw scores become comparable.

    ``range`` maps the judge's range to [0, 1] and sharpens around its middle:
    ``sigmoid(logit(x) / temperature)``. It keeps the level, so progress shows, and needs nothing
    fitted. ``fixed`` is ``sigmoid(((raw - mean) / deviation) / temperature)`` with a stored mean
    and deviation, which ``emp calibrate --fixed`` measures. ``isotonic`` is the monotone map that
    fits experts' labels best, as ``emp calibrate --labels`` finds it (pool adjacent violators;
    Zadrozny and Elkan 2002), stored as knots. ``batch`` is the seed's ``sigmoid(z / temperature)``
    with z over the batch: it maps any batch to about .5 whatever its level and so hides progress;
    it is there to reproduce published runs.

    Example:
        >>> import numpy as np
        >>> Calibration(temperature=1.0).apply(np.array([0.25, 0.5])).round(2).tolist()
        [0.25, 0.5]
        >>> Calibration(temperature=1.0).apply(np.array([1.25]), bounds=(0, 5)).round(2).tolist()
        [0.25]
        >>> experts = Calibration(method="isotonic", x=(0, 1, 5), y=(0, 0.5, 1))
        >>> experts.apply(np.array([3.0, 9.0])).tolist()
        [0.75, 1.0]
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Method = Field("range", description="range, fixed, batch or isotonic.")
    temperature: float = Field(
        0.6, gt=0, allow_inf_nan=False, description="Below 1 sharpens, above 1 flattens."
    )
    low: float | None = Field(
        None, allow_inf_nan=False, description="range: lowest score; the judge's own by default."
    )
    high: float | None = Field(
        None, allow_inf_nan=False, description="range: highest score; the judge's own by default."
    )
    mean: float | None = Field(
        None, allow_inf_nan=False, description="fixed: mean of the judge's scores."
    )
    deviation: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="fixed: their standard deviation."
    )
    file: str | None = Field(
        None, description="isotonic: what `emp calibrate` wrote; read once, into x and y."
    )
    x: tuple[float, ...] | None = Field(None, description="isotonic: scores, rising.")
    y: tuple[float, ...] | None = Field(None, description="isotonic: their values in [0, 1].")

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        """Refuses fields of other methods and reads the knots, so that the model is plain."""
        if not isinstance(data, Mapping) or data.get("method", "range") not in FIELDS:
            return data
        try:
            return _completed(dict(data))
        except InputError as error:
            raise PydanticCustomError("calibration", "{why}", {"why": str(error)}) from None

    def apply(self, raw: np.ndarray, bounds: tuple[float, float] = (0.0, 1.0)) -> np.ndarray:
        """Calibrates scores.

        Args:
            raw: Scores, (N,).
            bounds: Lowest and highest score that the judge gives, for ``range``; ``low`` and
                ``high`` override them. Scores beyond count as the bound.

        Returns:
            Values in [0, 1], (N,), in the same order as the scores; NaN for NaN.

        Raises:
            InputError: The lowest score of ``range`` is not below the highest.
        """
        raw = np.asarray(raw, dtype=float)
        if self.method == "isotonic":
            return isotonic.interpolate(raw, (self.x or (), self.y or ()))
        return _sigmoid(self._logits(raw, bounds) / self.temperature)

    def _logits(self, raw: np.ndarray, bounds: tuple[float, float]) -> np.ndarray:
        if self.method == "fixed":
            return (raw - self.mean) / self.deviation
        if self.method == "batch":
            return _standardised(raw)
        low = bounds[0] if self.low is None else self.low
        high = bounds[1] if self.high is None else self.high
        if not low < high:
            raise InputError(
                f"calibration: low {low:g} is not below high {high:g}; the judge's own range is "
                f"{bounds[0]:g} to {bounds[1]:g}"
            )
        unit = np.clip((raw - low) / (high - low), _EDGE, 1 - _EDGE)
        return np.log(unit / (1 - unit))


def _completed(data: dict[str, Any]) -> dict[str, Any]:
    method = data.get("method", "range")
    data = {key: value for key, value in data.items() if value is not None}
    for key in data:
        owners = [name for name, used in FIELDS.items() if key in used]
        if owners and method not in owners:
            raise InputError(f"{key} belongs to method {' or '.join(owners)}, not to {method}")
    low, high = data.get("low"), data.get("high")
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and not low < high:
        raise InputError(f"low {low:g} is not below high {high:g}")
    if method == "fixed" and not {"mean", "deviation"} <= set(data):
        missing = " and ".join(key for key in ("mean", "deviation") if key not in data)
        raise InputError(f"method fixed needs {missing}; `emp calibrate --fixed` measures both")
    if method == "isotonic":
        data["x"], data["y"] = _knots(data)
        data.pop("file", None)
    return data


def _knots(data: Mapping[str, Any]) -> isotonic.Knots:
    inline = {"x", "y"} & set(data)
    if "file" in data and inline:
        raise InputError("method isotonic takes file, or x and y, not both")
    if "file" in data:
        return isotonic.read_knots(str(data["file"]))
    if len(inline) < 2:
        raise InputError(
            "method isotonic needs file, or x and y; `emp calibrate --labels` fits them"
        )
    return isotonic.checked(data["x"], data["y"])


def _standardised(raw: np.ndarray) -> np.ndarray:
    """Scores as deviations from their mean in units of their spread; 0 where all are equal."""
    if not raw.size:
        return raw
    spread = raw.std()
    # The spread of equal numbers is a rounding error, and dividing by it would invent differences.
    equal = spread <= 1e-9 * max(1.0, float(np.abs(raw).max()))
    return np.zeros_like(raw) if equal else (raw - raw.mean()) / spread


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-x)), written so that it cannot overflow."""
    return 0.5 * (1.0 + np.tanh(logits / 2))
