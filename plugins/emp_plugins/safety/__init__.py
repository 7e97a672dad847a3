"""Client risk, what a reply to risk must hold, and the verdict that gates every reward."""

from emp_plugins.safety.reply import Verdict, judge_reply
from emp_plugins.safety.risk import risk_level

__all__ = ["Verdict", "judge_reply", "risk_level"]
