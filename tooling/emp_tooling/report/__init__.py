"""One self-contained HTML page on one or several runs: warnings, curves, mood, replies, origin."""
