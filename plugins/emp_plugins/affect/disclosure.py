"""The affect of a turn that discloses risk: never hopeful, whatever its words read as."""

from __future__ import annotations

from collections.abc import Sequence

AT_RISK = 2
STEP = 0.25


def under_risk(affect: Sequence[float], level: int) -> list[float]:
    """Caps the axes of a turn by the risk that it discloses.

    Emotion judges read wishes as desire and optimism: "I wish I could not wake up" comes out as
    hopeful. From level 2 on, no axis is above 0 and Introspection is at most ``-level / 4``:
    -0.5, -0.75 and -1.

    Args:
        affect: Four axes in the order of ``AXES``.
        level: The risk that this turn discloses, 0 to 4.

    Returns:
        The axes.

    Example:
        >>> under_risk([0.1, 0.0, -0.2, 0.5], 2)
        [-0.5, 0.0, -0.2, 0.0]
        >>> under_risk([0.1, 0.0, -0.2, 0.5], 1)
        [0.1, 0.0, -0.2, 0.5]
    """
    values = [float(value) for value in affect]
    if level < AT_RISK:
        return values
    introspection, *others = (min(value, 0.0) for value in values)
    return [min(introspection, -STEP * level), *others]
