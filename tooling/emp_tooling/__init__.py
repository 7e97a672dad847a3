"""The emp command line and what stands behind it."""
