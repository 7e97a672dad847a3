"""Cheap replies that a policy could drift to, and what the rewards give them."""
