"""Settings that do not go together, and settings that nothing reads."""
