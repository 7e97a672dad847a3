"""What only the libraries themselves can say about a recipe, without a GPU and without the network.

Axolotl validates the recipe, transformers builds its base model on the meta device (shapes without
weights), and PEFT puts the adapter on it as in training. The first call imports all of them, which
takes half a minute; each recipe after that takes about a second. Nothing is printed, and what the
libraries change in the process is put back.
"""

from __future__ import annotations

from collections.abc import Iterator

from emp_plugins.check.finding import Finding
from emp_plugins.check.recipe import Recipe

__all__ = ["check"]


def check(recipe: Recipe) -> Iterator[Finding]:
    """Asks Axolotl, transformers and PEFT.

    Args:
        recipe: The recipe; it is not changed.

    Yields:
        Errors, and a note with what would be trained.

    Raises:
        InputError: Axolotl is not installed.
    """
    from emp_plugins.check.deep import model, tokenizer, validation
    from emp_plugins.check.deep.quiet import quiet

    with quiet():
        found, config = validation.check(recipe)
        found += model.check(recipe, config)
        found += tokenizer.check(recipe)
    yield from found
