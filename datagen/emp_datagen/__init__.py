"""Personas, clinical errors and teachers: preference data as JSONL."""
