"""``emp score``: a recipe's rewards on replies that one can read beside them."""
