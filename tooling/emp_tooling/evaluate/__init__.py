"""What a model replies to held-out prompts, and what those replies are worth."""
