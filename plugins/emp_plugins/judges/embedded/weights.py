"""The file of the embedded judges: vocabulary, tf-idf weights and a linear model, no pickle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.files import atomic_write
from emp_plugins.judges.embedded.features import NGrams, TfIdf

SHIPPED = Path(__file__).parent / "weights" / "emotion.safetensors"
"""The weights that come with the package."""


@dataclass(frozen=True)
class LinearWeights:
    """An encoder of F features and a linear model of K labels over it.

    Attributes:
        labels: K names.
        encoder: Text to features.
        coefficients: (F, K) float32.
        intercept: (K,) float64.
        thresholds: (K,) probabilities above which a label counts as present.
    """

    labels: tuple[str, ...]
    encoder: TfIdf
    coefficients: np.ndarray
    intercept: np.ndarray
    thresholds: np.ndarray


def write(weights: LinearWeights, path: str | Path) -> None:
    """Writes the file whole or not at all; coefficients are rounded to float16.

    Args:
        weights: What to store.
        path: The ``.safetensors`` file.
    """
    from safetensors.numpy import save

    ngrams = weights.encoder.ngrams
    arrays = {
        "labels": _pack(weights.labels),
        "words": _pack(ngrams.words),
        "chars": _pack(ngrams.chars),
        "idf": weights.encoder.idf.astype(np.float32),
        "coefficients": np.ascontiguousarray(weights.coefficients, dtype=np.float16),
        "intercept": weights.intercept.astype(np.float64),
        "thresholds": weights.thresholds.astype(np.float64),
    }
    with atomic_write(path, "wb") as file:
        file.write(save(arrays))


def read(path: str | Path = SHIPPED) -> LinearWeights:
    """Reads what ``write`` wrote.

    Args:
        path: The ``.safetensors`` file.

    Returns:
        The encoder and the model.

    Raises:
        InputError: The file is missing, cut short, lacks an array, or holds arrays whose shapes do
            not fit or a number that is not finite; names the file.
    """
    arrays = _arrays(Path(path))
    try:
        labels, words, chars = (_unpack(arrays[name]) for name in ("labels", "words", "chars"))
        idf, coefficients = arrays["idf"], arrays["coefficients"]
        intercept, thresholds = arrays["intercept"], arrays["thresholds"]
    except KeyError as error:
        raise InputError(f"{path}: no array named {error}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: the vocabulary is not UTF-8") from None
    features, outputs = len(words) + len(chars), len(labels)
    shapes = {
        "idf": (idf, (features,)),
        "coefficients": (coefficients, (features, outputs)),
        "intercept": (intercept, (outputs,)),
        "thresholds": (thresholds, (outputs,)),
    }
    for name, (array, shape) in shapes.items():
        if array.shape != shape:
            raise InputError(f"{path}: {name}: expected shape {shape}, got {array.shape}")
        if not np.isfinite(array).all():
            raise InputError(f"{path}: {name}: holds a number that is not finite")
    return LinearWeights(
        labels,
        TfIdf(NGrams(words, chars), idf.astype(np.float64)),
        coefficients.astype(np.float32),
        intercept.astype(np.float64),
        thresholds.astype(np.float64),
    )


@cache
def shipped() -> LinearWeights:
    """The weights that come with the package, read once in a process.

    Returns:
        What the embedded judges share.
    """
    return read(SHIPPED)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        return load(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot read the judge's weights: {error.strerror}") from None
    except (SafetensorError, ValueError, KeyError) as error:
        raise InputError(f"{path}: not a whole safetensors file ({error})") from None


def _pack(lines: tuple[str, ...]) -> np.ndarray:
    # No n-gram holds a newline: text is split at white space first.
    return np.frombuffer("\n".join(lines).encode("utf-8"), dtype=np.uint8)


def _unpack(array: np.ndarray) -> tuple[str, ...]:
    text = array.astype(np.uint8).tobytes().decode("utf-8")
    return tuple(text.split("\n")) if text else ()
