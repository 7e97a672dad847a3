"""Watching a run: held-out prompts measured while it trains, and rules that say what goes wrong."""
