"""From a judge's raw score to [0, 1]."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field


class Calibration(BaseModel):
    """How raw scores become comparable.

    ``range`` maps the judge's range to (0, 1) and sharpens around its middle:
    ``sigmoid(logit(x) / temperature)``. It keeps the level, so progress shows. ``batch`` is the
    seed's ``sigmoid(z / temperature)`` with z over the batch: it maps any batch to about .5 and
    hides progress; it is there to reproduce published runs.

    Example:
        >>> import numpy as np
        >>> Calibration(temperature=1.0).apply(np.array([0.25, 0.5])).round(2).tolist()
        [0.25, 0.5]
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: Literal["range", "batch"] = Field("range", description="range or batch.")
    temperature: float = Field(0.6, gt=0, description="Below 1 sharpens, above 1 flattens.")
    low: float = Field(0.0, description="The judge's lowest score, for range.")
    high: float = Field(1.0, description="The judge's highest score, for range.")

    def apply(self, raw: np.ndarray) -> np.ndarray:
        """Calibrates scores.

        Args:
            raw: Scores, (N,).

        Returns:
            Values in [0, 1], (N,), in the same order as the scores.
        """
        raw = np.asarray(raw, dtype=float)
        if self.method == "batch":
            spread = raw.std() or 1.0
            logits = (raw - raw.mean()) / spread
        else:
            unit = np.clip((raw - self.low) / (self.high - self.low), 1e-6, 1 - 1e-6)
            logits = np.log(unit / (1 - unit))
        return 1 / (1 + np.exp(-logits / self.temperature))
