"""Judges behind an endpoint: a language model that gives verdicts by a rubric."""
