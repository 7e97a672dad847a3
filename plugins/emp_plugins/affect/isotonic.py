"""A monotone map stored as plain numbers: the knots of a fitted isotonic regression."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.files import read_yaml

MAX_KNOTS = 10_000
"""More cannot come from ``emp calibrate`` on any set that people labelled."""

Knots = tuple[tuple[float, ...], tuple[float, ...]]


def read_knots(path: str | Path) -> Knots:
    """Reads the file that ``emp calibrate --labels`` writes.

    Args:
        path: YAML or JSON: ``calibration: {method: isotonic, x: [...], y: [...]}``.

    Returns:
        The knots x and y.

    Raises:
        InputError: The file cannot be read or its numbers are no monotone map; names file and key.
    """
    document = read_yaml(path)
    block = document.get("calibration") if isinstance(document, dict) else None
    if not isinstance(block, dict):
        raise InputError(
            f"{path}: calibration: expected a mapping with x and y; "
            "`emp calibrate --labels` writes such a file"
        )
    if block.get("method") != "isotonic":
        raise InputError(
            f"{path}: calibration.method: expected isotonic, got {block.get('method')!r}"
        )
    unknown = sorted(set(map(str, block)) - {"method", "x", "y"})
    if unknown:
        raise InputError(f"{path}: calibration.{unknown[0]}: unknown key; allowed: method, x, y")
    return checked(block.get("x"), block.get("y"), f"{path}: calibration.")


def checked(x: Any, y: Any, where: str = "") -> Knots:
    """Makes sure that two lists are the knots of a map from scores to [0, 1].

    Args:
        x: Scores, at least two, each above the one before.
        y: As many values in [0, 1], none below the one before, not all equal.
        where: What to write before the key in a message.

    Returns:
        Both as tuples of floats.

    Raises:
        InputError: One of these does not hold; names the key and the place.

    Example:
        >>> checked([0, 2], [0, 1])
        ((0.0, 2.0), (0.0, 1.0))
    """
    knots = _numbers(x, f"{where}x"), _numbers(y, f"{where}y")
    if len(knots[0]) != len(knots[1]):
        raise InputError(
            f"{where}y: {len(knots[1])} values for {len(knots[0])} of x; expected as many"
        )
    for place, (before, after) in enumerate(pairwise(knots[0]), start=1):
        if not before < after:
            raise InputError(f"{where}x[{place}]: {after:g} does not lie above {before:g}")
    for place, (before, after) in enumerate(pairwise(knots[1]), start=1):
        if before > after:
            raise InputError(f"{where}y[{place}]: {after:g} falls below {before:g}: not monotone")
    if knots[1][0] < 0 or knots[1][-1] > 1:
        raise InputError(f"{where}y: values must lie in [0, 1]")
    if knots[1][0] == knots[1][-1]:
        raise InputError(f"{where}y: all values are equal, so every reply would get the same")
    return knots


def interpolate(raw: np.ndarray, knots: Knots) -> np.ndarray:
    """Linear interpolation between knots, the end values beyond them.

    Args:
        raw: Scores, (N,).
        knots: What ``checked`` gave.

    Returns:
        Values in [0, 1], (N,), never falling where the score rises; NaN for NaN.

    Example:
        >>> interpolate(np.array([-1.0, 0.5, 9.0]), ((0.0, 1.0), (0.2, 0.8))).tolist()
        [0.2, 0.5, 0.8]
    """
    return np.interp(raw, *knots)


def _numbers(values: Any, key: str) -> tuple[float, ...]:
    if not isinstance(values, (list, tuple)) or not 2 <= len(values) <= MAX_KNOTS:
        raise InputError(f"{key}: expected a list of 2 to {MAX_KNOTS:,} numbers")
    for place, value in enumerate(values):
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or not math.isfinite(value):
            raise InputError(f"{key}[{place}]: {value!r} is not a finite number")
    return tuple(map(float, values))
