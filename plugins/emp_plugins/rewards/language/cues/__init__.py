"""Cues of empathy and of harm: phrase tables in YAML, and what a reply shows of them."""
