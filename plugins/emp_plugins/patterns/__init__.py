"""Many regular expressions on one text, of which only those are run that may match."""

from emp_plugins.patterns.alternatives import first, matches, split
from emp_plugins.patterns.patterns import Patterns

__all__ = ["Patterns", "first", "matches", "split"]
