"""The run is ours: rows by asyncio, an append-only journal, one file at the end."""
