"""``emp chat``: a conversation with a recipe's model, in the terminal or in a browser."""
