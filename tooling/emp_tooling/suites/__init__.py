"""The rewards of a recipe as one scorer, outside training: for `emp audit` and `emp score`."""
