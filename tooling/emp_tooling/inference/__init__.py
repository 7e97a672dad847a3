"""Talking to a trained model as its training talked to it."""

from emp_tooling.inference.empathy import EmpathyInference
from emp_tooling.inference.live import Live
from emp_tooling.inference.reply import Piece, Reading, Reply, RiskSeen

__all__ = ["EmpathyInference", "Live", "Piece", "Reading", "Reply", "RiskSeen"]
