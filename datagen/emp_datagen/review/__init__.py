"""Human review in Argilla: which reply is better, what is wrong with the other."""
