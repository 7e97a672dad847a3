"""Judges that run a transformers checkpoint: a hub id or a local folder."""
