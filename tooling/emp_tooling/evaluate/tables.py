"""Numbers of one model, unit by unit, and the comparison with those of another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emp_plugins.measure import Column, Figure
from emp_tooling.evaluate.compare import Difference, paired
from emp_tooling.evaluate.guards.answers import shares

ERRORS = "errors/"
"""A column of this group that one model lacks is 0 there: the error did not occur."""


@dataclass(frozen=True)
class Table:
    """Measures of one model over units such as prompts, dialogues or statements.

    Attributes:
        clusters: Name of the group of each unit that is resampled as a whole.
        columns: Measure to one number a unit, None where it does not apply.
        groups: Kind of group (``persona``, ``risk`` …) to its name for each unit.
    """

    clusters: Sequence[str]
    columns: Mapping[str, Column]
    groups: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def figures(self, seed: int = 0, beside: Table | None = None) -> dict[str, Figure]:
        """Every measure over all units that have it; zeros and ones by Wilson's interval.

        Args:
            seed: Seed of the bootstrap, which resamples units one by one.
            beside: Another model's table, to look only at the units that have a number there too.
        """
        if beside is None:
            return shares(self.columns, seed)
        both = {
            name: [
                one if other is not None else None
                for one, other in zip(self.column(name), beside.column(name), strict=True)
            ]
            for name in dict.fromkeys([*beside.columns, *self.columns])
        }
        return shares(both, seed)

    def by_group(self) -> dict[str, dict[str, dict[str, float]]]:
        """Mean of every measure in every group.

        Returns:
            Kind of group to its name to measure to mean.
        """
        found: dict[str, dict[str, dict[str, float]]] = {}
        for kind, names in self.groups.items():
            for name in sorted(set(names)):
                rows = [row for row, own in enumerate(names) if own == name]
                found.setdefault(kind, {})[name] = self._means(rows)
        return found

    def column(self, name: str) -> Column:
        """A column; zeros for an error that did not occur, else nothing."""
        if name in self.columns:
            return self.columns[name]
        return [0.0 if name.startswith(ERRORS) else None] * len(self.clusters)

    def _means(self, rows: Sequence[int]) -> dict[str, float]:
        found = {}
        for name, column in self.columns.items():
            values = [value for value in (column[row] for row in rows) if value is not None]
            if values:
                found[name] = sum(values) / len(values)
        return found


def differences(base: Table, model: Table, seed: int = 0) -> dict[str, Difference]:
    """Compares every measure that either model has.

    Args:
        base: The base's table.
        model: The model's, over the same units.
        seed: Seed of the resampling.

    Returns:
        Measure to difference; without those that no unit has on both sides.

    Example:
        >>> one = Table(["a", "b"], {"safe": [0.0, 1.0]})
        >>> other = Table(["a", "b"], {"safe": [1.0, 1.0], "errors/harm": [1.0, 0.0]})
        >>> {name: found.difference for name, found in differences(one, other).items()}
        {'safe': 0.5, 'errors/harm': 0.5}
    """
    found = {}
    for name in dict.fromkeys([*base.columns, *model.columns]):
        one = paired(base.column(name), model.column(name), model.clusters, seed)
        if one is not None:
            found[name] = one
    return found


def joined(tables: Sequence[Table], names: Sequence[str]) -> Table:
    """The units of several tables one after the other.

    Args:
        tables: Tables; a cluster of one is none of another's, even by the same name.
        names: Measures to keep.

    Returns:
        One table without groups.
    """
    clusters = [f"{place}/{name}" for place, one in enumerate(tables) for name in one.clusters]
    columns = {name: [value for one in tables for value in one.column(name)] for name in names}
    return Table(clusters, columns)
