"""``emp recipes``: what recipes there are, and how to start one from another."""
