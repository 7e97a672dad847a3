"""The dataset card of a file: Markdown with the front matter that the Hugging Face hub reads."""

from emp_datagen.card.write import Context, render

__all__ = ["Context", "render"]
