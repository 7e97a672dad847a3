"""Client risk, what a reply to risk must hold, and the verdict that gates every reward.

>>> from emp_plugins.safety import assess, judge_reply
>>> risk = assess("i dont wanna be here anymore")
>>> risk.level, risk.kind
(2, 'explicit')
>>> judge_reply("Call 988, they have trained people.", risk.level).rule
'partial_protocol'
"""

from emp_plugins.safety.crisis import Resource, resources
from emp_plugins.safety.reply import Verdict, judge_reply
from emp_plugins.safety.risk import Risk, assess, risk_level

__all__ = ["Resource", "Risk", "Verdict", "assess", "judge_reply", "resources", "risk_level"]
