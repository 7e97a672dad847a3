"""``emp mood``: the mood profile of conversations."""
