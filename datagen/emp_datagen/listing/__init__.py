"""Personas and the phrase bank as a person or a script wants to read them."""
