"""``emp check``: what is wrong with recipes, before a GPU is rented."""
