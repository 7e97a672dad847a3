"""What the comment at the top of a recipe says."""

from __future__ import annotations

import re
from typing import NamedTuple

NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "eight": 8}
GPUS = re.compile(rf"\b(\d+|{'|'.join(NUMBERS)}) CUDA GPUs? with (\d+) GB")
CPU = re.compile(r"\bCPU cores?\b")


class Memory(NamedTuple):
    """What a run needs, by the words of its recipe.

    Attributes:
        gpus: Number of GPUs; 0 for a run on a CPU.
        gigabytes: Memory of each.
    """

    gpus: int
    gigabytes: int

    def __str__(self) -> str:
        """``24 GB``, ``2 x 24 GB`` or ``no GPU``."""
        if not self.gpus:
            return "no GPU"
        return f"{self.gigabytes} GB" if self.gpus == 1 else f"{self.gpus} x {self.gigabytes} GB"


def read_header(text: str) -> dict[str, str]:
    r"""The fields of the comment before the first key.

    Args:
        text: A recipe.

    Returns:
        Name of each field, such as ``Needs``, to its words in one line.

    Example:
        >>> read_header("# What:    DPO\n#          on a tiny model.\n\nrl: dpo  # Not: a field\n")
        {'What': 'DPO on a tiny model.'}
    """
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        if begun := re.match(r"# (\w+): +(.*)", line):
            name = begun[1]
            fields[name] = begun[2].strip()
        elif name:
            fields[name] += f" {line.lstrip('#').strip()}"
    return fields


def memory(needs: str) -> Memory | None:
    """What the field ``Needs`` says about GPUs.

    Args:
        needs: Its words.

    Returns:
        The first GPUs that it names, or none for CPU cores; None where it names neither.

    Example:
        >>> str(memory("two CUDA GPUs with 24 GB each (estimate), and pairs"))
        '2 x 24 GB'
    """
    if found := GPUS.search(needs):
        count = found[1]
        return Memory(NUMBERS.get(count) or int(count), int(found[2]))
    return Memory(0, 0) if CPU.search(needs) else None
