"""The mood profile of a conversation: four axes over its turns, and where polarity is going."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from emp_plugins.affect.categories import Categories, Category, categorise
from emp_plugins.affect.hourglass import polarity
from emp_plugins.affect.state import TREND_TOLERANCE, WINDOW, Trend
from emp_plugins.errors import InputError


@dataclass(frozen=True, eq=False)
class Mood:
    """How someone's turns felt, one after the other.

    Attributes:
        axes: (N, 4) axes of each turn in the order of ``AXES``.
        polarity: (N,) polarity of each turn.
        rolling: (N,) mean polarity of the last ``window`` turns up to each.
        slopes: (N,) change of polarity a turn over the last ``window`` turns up to each.
        slope: Change of polarity a turn over all turns.
        axis_slopes: (4,) change of each axis a turn over all turns.
        trends: Direction of the last ``window`` turns up to each, in a word.
        categories: Risk category of each turn.
        window: How many turns count as the last ones.
    """

    axes: np.ndarray
    polarity: np.ndarray
    rolling: np.ndarray
    slopes: np.ndarray
    slope: float
    axis_slopes: np.ndarray
    trends: tuple[Trend, ...]
    categories: tuple[Category, ...]
    window: int

    def __len__(self) -> int:
        return len(self.polarity)

    @property
    def trend(self) -> Trend:
        """Direction at the end."""
        return self.trends[-1]

    @property
    def category(self) -> Category:
        """Risk category at the end."""
        return self.categories[-1]


def profile(
    affects: ArrayLike, *, window: int = WINDOW, thresholds: Categories | None = None
) -> Mood:
    """Describes the mood over turns.

    With e_t the axes of turn t and p_t its polarity (``hourglass.polarity``, after Susanto et al.
    2020), w the window and m = min(t, w) the turns that there are:

        rolling_t = (p_(t-m+1) + ... + p_t) / m
        slope     = sum((t - mean(t)) (p_t - mean(p))) / sum((t - mean(t))^2)    least squares
        trend_t   = Improving, Declining or Stable by p_t - p_(t-m+1) against 0.05

    The rolling mean and the trend are those of a state's history h_t (``State.mean_polarity``,
    ``State.trend``) when the window is 3, as in the state of reinforcement learning that the
    prompts' headers show. A slope of a single turn is 0.

    Args:
        affects: (N, 4) axes of the turns, oldest first, in the order of ``AXES``.
        window: How many turns count as the last ones, at least 1.
        thresholds: Of the risk categories; None for the defaults.

    Returns:
        The profile.

    Raises:
        InputError: There is no turn, another shape, a number that is not finite, or a window
            below 1.

    Example:
        >>> mood = profile([[-0.6, 0, 0, 0], [-0.3, 0, 0, 0], [0, 0.3, 0, 0]])
        >>> mood.rolling.round(2).tolist(), mood.trend, round(mood.slope, 2)
        ([-0.6, -0.45, -0.2], 'Improving', 0.45)
        >>> [category.name for category in mood.categories]
        ['depression', 'depression', 'none']
    """
    if window < 1:
        raise InputError(f"mood: window: expected at least 1 turn, got {window}")
    if not len(axes := np.array(affects, dtype=float)):
        raise InputError("mood: no turn to describe")
    overall = polarity(axes)
    recent = [overall[max(0, end - window) : end] for end in range(1, len(overall) + 1)]
    return Mood(
        axes=axes,
        polarity=overall,
        rolling=np.array([part.mean() for part in recent]),
        slopes=np.array([_slope(part) for part in recent]),
        slope=float(_slope(overall)),
        axis_slopes=_slope(axes),
        trends=tuple(map(_trend, recent)),
        categories=tuple(categorise(turn, thresholds) for turn in axes),
        window=window,
    )


def _slope(values: np.ndarray) -> np.ndarray:
    """Least-squares change a turn of (N,) or of each column of (N, K); 0 for a single turn."""
    turns = np.arange(len(values)) - (len(values) - 1) / 2
    spread = (turns**2).sum()
    return turns @ values / spread if spread else np.zeros(values.shape[1:])


def _trend(recent: np.ndarray) -> Trend:
    change = recent[-1] - recent[0]
    if abs(change) <= TREND_TOLERANCE:
        return "Stable"
    return "Improving" if change > 0 else "Declining"
