"""The JSON Schema of a recipe, put together from Axolotl's models, its integrations' and ours."""
