"""``emp train``: a recipe's training run, by Axolotl or by Unsloth."""
