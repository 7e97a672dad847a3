"""One self-contained HTML page on a run: numbers before and after, curves, replies."""
