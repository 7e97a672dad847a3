"""The same recipe trained by Unsloth's models and TRL's trainers, without Axolotl.

``mapping.plan`` reads a recipe, ``run.train`` does what it says.
"""
