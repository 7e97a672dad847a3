"""Attacks whose wording nobody who works on the rewards has read."""
