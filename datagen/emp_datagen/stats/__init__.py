"""What is in a file of rows: counts, lengths, diversity, agreement; in one pass over the file."""

from emp_datagen.stats.measure import Measure, measure

__all__ = ["Measure", "measure"]
