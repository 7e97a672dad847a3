"""Two small corpora, clinical replies and general internet chat, and the direction between them.

Both were written for this package. They stand for a manner of speaking, not for quality.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emp_plugins.errors import InputError

CLINICAL = Path(__file__).parent / "clinical.txt"
CHAT = Path(__file__).parent / "chat.txt"

FEWEST = 10
"""A corpus with fewer replies has no mean worth the name."""


@dataclass(frozen=True)
class Direction:
    """The way from the mean chat reply to the mean clinical one.

    Vectors of texts share most of their length and direction (those of BERT are anisotropic: any
    two have a high cosine), so they are centred at ``middle`` before a cosine is taken. Seen from
    there the two means lie opposite each other, and half the difference of a text's cosines to them
    is the cosine to ``towards``.

    Attributes:
        middle: (D,) halfway between the two means, which weighs both corpora alike.
        towards: (D,) clinical minus chat mean, of length 1.

    Example:
        >>> direction = Direction.between(np.array([[3.0, 1.0]]), np.array([[1.0, 1.0]]))
        >>> direction.cosines(np.array([[9.0, 1.0], [2.0, 5.0]])).tolist()
        [1.0, 0.0]
    """

    middle: np.ndarray
    towards: np.ndarray

    @classmethod
    def between(cls, clinical: np.ndarray, chat: np.ndarray) -> Direction:
        """Finds the direction.

        Args:
            clinical: (N, D) vectors of clinical replies.
            chat: (M, D) vectors of chat replies.

        Returns:
            The direction.

        Raises:
            InputError: The two means are the same.
        """
        return cls._of(clinical.mean(axis=0), chat.mean(axis=0))

    @classmethod
    def _of(cls, clinical: np.ndarray, chat: np.ndarray) -> Direction:
        towards = clinical - chat
        length = float(np.linalg.norm(towards))
        if not length > 0:
            raise InputError("judges.clinical: the two corpora cannot be told apart")
        return cls((clinical + chat) / 2, towards / length)

    def cosines(self, vectors: np.ndarray) -> np.ndarray:
        """Cosines of centred vectors to the direction.

        Args:
            vectors: (N, D).

        Returns:
            (N,) in [-1, 1]; 0 for a vector at ``middle``.
        """
        centred = vectors - self.middle
        lengths = np.linalg.norm(centred, axis=1)
        # Summed row by row: a matrix product could round a row by what its neighbours are.
        dots = (centred * self.towards).sum(axis=1)
        return np.clip(np.divide(dots, lengths, out=np.zeros_like(dots), where=lengths > 0), -1, 1)


def spread(clinical: np.ndarray, chat: np.ndarray) -> tuple[float, float]:
    """How far replies of the two corpora lie along the direction, each measured without itself.

    The cosine of a short text to any direction is small, so -1 to 1 would leave most of the scale
    unused. This is the range that the calibration maps to [0, 1].

    Args:
        clinical: (N, D), N at least 2.
        chat: (M, D), M at least 2.

    Returns:
        The 5th and the 95th percentile of all N + M cosines, each to the direction found without
        the text itself.

    Raises:
        InputError: All texts lie at the same place.
    """
    means = clinical.mean(axis=0), chat.mean(axis=0)
    cosines = [
        float(Direction._of(_without(means[0], row, len(clinical)), means[1]).cosines(row[None])[0])
        for row in clinical
    ]
    cosines += [
        float(Direction._of(means[0], _without(means[1], row, len(chat))).cosines(row[None])[0])
        for row in chat
    ]
    low, high = np.percentile(cosines, [5, 95])
    if not low < high:
        raise InputError("judges.clinical: the two corpora cannot be told apart")
    return float(low), float(high)


def read(path: str | Path) -> list[str]:
    """Reads a corpus: a UTF-8 text file, one reply a line; ``#`` opens a comment line.

    Args:
        path: The file.

    Returns:
        Its distinct replies, in order.

    Raises:
        InputError: The file is missing, not UTF-8, or holds fewer than ``FEWEST`` replies.
    """
    path = Path(path).expanduser()
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError as error:
        raise InputError(f"{path}: cannot read the corpus: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 at byte {error.start}") from None
    replies = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if len(replies) < FEWEST:
        raise InputError(f"{path}: {len(replies)} replies; give at least {FEWEST}, one a line")
    return replies


def _without(mean: np.ndarray, row: np.ndarray, count: int) -> np.ndarray:
    return (mean * count - row) / (count - 1)
