"""The safety gate around a reward function that the user wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from emp_plugins.rewards import safety
from emp_plugins.rewards.reward import Reward, make_batch


@dataclass(frozen=True)
class GatedReward:
    """A user's reward whose unsafe replies get a floor.

    Attributes:
        function: The user's function, in TRL's signature.
        safety_reward: The configured safety reward: says what is unsafe and how to parse.
    """

    function: Callable[..., Sequence[float | None]]
    safety_reward: Reward

    @property
    def __name__(self) -> str:
        """The user's own name, for the logs."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    @property
    def floor(self) -> float:
        """The value of an unsafe reply; the user's lower values are raised to it."""
        return self.safety_reward.params.user_floor

    def __call__(
        self, prompts: Sequence[Any], completions: Sequence[Any], **columns: Any
    ) -> list[float | None]:
        """Calls the user's function and gates what it returns.

        Args:
            prompts: As TRL gives them.
            completions: As TRL gives them.
            **columns: All else, passed on unchanged.

        Returns:
            The user's values, None included, with the floor for unsafe replies.
        """
        values = self.function(prompts=prompts, completions=completions, **columns)
        batch = make_batch(prompts, completions, columns, self.safety_reward)
        verdicts = safety.verdicts(batch, self.safety_reward.params)
        return [
            (None if value is None else max(value, self.floor)) if verdict.safe else self.floor
            for value, verdict in zip(values, verdicts, strict=True)
        ]
