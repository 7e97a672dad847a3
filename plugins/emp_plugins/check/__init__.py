"""What is wrong with a recipe, found before anything loads."""
