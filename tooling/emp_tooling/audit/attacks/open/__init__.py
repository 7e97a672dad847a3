"""Attacks that may be read while the rewards are worked on."""
