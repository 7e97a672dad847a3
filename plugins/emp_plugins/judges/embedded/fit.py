"""Trains the embedded emotion judge: n-grams, chi2, logistic regression, calibration, thresholds.

Every choice is made on train and dev; the test split is only measured.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from emp_plugins.errors import InputError
from emp_plugins.judges import metrics
from emp_plugins.judges.embedded.corpus import Split
from emp_plugins.judges.embedded.emotion import LinearEmotion
from emp_plugins.judges.embedded.features import (
    NGrams,
    Sparse,
    TfIdf,
    char_ngrams,
    normalise,
    words_of,
)
from emp_plugins.judges.embedded.weights import LinearWeights

RESAMPLES = 50
"""Bootstrap samples of dev that a threshold is the median of."""


@dataclass(frozen=True)
class Settings:
    """What the training can be told; the defaults were chosen on dev.

    Attributes:
        features: How many n-grams are kept, by chi2 over all labels.
        min_words: Texts that a word or a pair of words must occur in.
        min_chars: Texts that a character n-gram must occur in.
        word_weight: Scale of the block of words beside that of characters, which is 1. A smaller
            one makes the regression rely on words less.
        inverse_regularisation: C of the logistic regression.
    """

    features: int = 20_000
    min_words: int = 2
    min_chars: int = 5
    word_weight: float = 0.6
    inverse_regularisation: float = 1.2


DEFAULT = Settings()


@dataclass(frozen=True)
class Report:
    """What was measured on one split.

    Attributes:
        macro_f1: Mean F1 over the labels, at their thresholds.
        micro_f1: F1 over all cells, at the same thresholds.
        macro_auc: Mean area under the ROC curve, over the labels that can be told apart.
        calibration_error: Expected calibration error over all cells, ten bins.
        texts_per_second: Texts by CPU second of one pass with nothing remembered: the speed of one
            core, whatever else the machine does.
        f1: F1 of each label.
    """

    macro_f1: float
    micro_f1: float
    macro_auc: float
    calibration_error: float
    texts_per_second: float
    f1: tuple[float, ...]


def fit(
    labels: tuple[str, ...], train: Split, dev: Split, settings: Settings = DEFAULT
) -> LinearWeights:
    """Trains a judge.

    The same data, settings and library versions give the same weights bit for bit: counting is
    sorted, the solver has no random part and nothing runs in parallel.

    Args:
        labels: K names.
        train: What vocabulary, idf and coefficients come from.
        dev: What calibration and thresholds come from.
        settings: Sizes and regularisation.

    Returns:
        The weights, already rounded as they will be stored.

    Raises:
        InputError: scikit-learn is missing, or no n-gram is frequent enough.
    """
    encoder, raw = regress(train, settings)
    weights = calibrated(labels, encoder, raw, logits_of(encoder, raw, dev.texts), dev.present)
    return replace(weights, thresholds=_thresholds(weights, dev))


def regress(train: Split, settings: Settings = DEFAULT) -> tuple[TfIdf, np.ndarray]:
    """Chooses n-grams and fits one logistic regression a label.

    Args:
        train: Texts and labels.
        settings: Sizes and regularisation.

    Returns:
        The encoder of F features, and (F + 1, K) coefficients, the intercept last.

    Raises:
        InputError: As ``fit``.
    """
    counts, ngrams = _select(_candidates(train.texts, settings), train, settings.features)
    documents = np.bincount(counts.columns, minlength=len(ngrams))
    # Stored as float32, so rounded before anything is fitted on it.
    idf = (np.log((1 + len(train.texts)) / (1 + documents)) + 1).astype(np.float32)
    encoder = TfIdf(ngrams, idf.astype(np.float64))
    return encoder, _regress(encoder.weigh(counts), len(ngrams.words), train.present, settings)


def logits_of(encoder: TfIdf, raw: np.ndarray, texts: Sequence[str]) -> np.ndarray:
    """Applies what ``regress`` fitted.

    Args:
        encoder: Its encoder.
        raw: Its (F + 1, K) coefficients.
        texts: N texts.

    Returns:
        (N, K) logits.
    """
    return _csr(encoder.encode(texts)) @ raw[:-1] + raw[-1]


def calibrated(
    labels: tuple[str, ...],
    encoder: TfIdf,
    raw: np.ndarray,
    logits: np.ndarray,
    present: np.ndarray,
) -> LinearWeights:
    """Folds a Platt scaling into coefficients.

    Args:
        labels: K names.
        encoder: Text to features.
        raw: (F + 1, K) coefficients.
        logits: (N, K) of texts that they were not fitted on.
        present: (N, K) bool, the labels of those.

    Returns:
        The weights, rounded as they will be stored, with thresholds of 0.5.
    """
    slopes, shifts = calibrate(logits, present)
    return LinearWeights(
        labels,
        encoder,
        (raw[:-1] * slopes).astype(np.float16).astype(np.float32),
        raw[-1] * slopes + shifts,
        np.full(len(labels), 0.5),
    )


def calibrate(logits: np.ndarray, present: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Platt scaling of each label, drawn towards leaving it as it is.

    Minimises the negative log likelihood of sigmoid(a * logit + b), plus ((a - 1)^2 + b^2) / 2, by
    Newton steps. Both fold into a linear model, so a calibrated one costs nothing more to run.

    Args:
        logits: (N, K) of texts that the model was not trained on.
        present: (N, K) bool.

    Returns:
        (K,) slopes a, at least 0.1, and (K,) shifts b.

    Example:
        >>> logits = np.array([[-2.0], [2.0]]).repeat(50, axis=0)
        >>> slopes, shifts = calibrate(logits, logits > 0)
        >>> bool(slopes[0] > 1)
        True
    """
    columns = zip(logits.T, present.T, strict=True)
    fitted = np.array([_platt(scores, hit) for scores, hit in columns])
    return np.maximum(fitted[:, 0], 0.1), fitted[:, 1]


def measure(judge: LinearEmotion, split: Split) -> Report:
    """Measures a judge.

    Args:
        judge: A judge that has not scored these texts yet, for the speed to be honest.
        split: Texts and labels.

    Returns:
        The numbers.
    """
    start = time.process_time()
    probabilities = judge.compute(split.texts)
    seconds = max(time.process_time() - start, 1e-9)
    predicted = probabilities > judge.thresholds
    f1 = metrics.f1_scores(predicted, split.present)
    areas = metrics.auc_scores(probabilities, split.present)
    known = areas[~np.isnan(areas)]
    return Report(
        macro_f1=float(f1.mean()),
        micro_f1=metrics.micro_f1(predicted, split.present),
        macro_auc=float(known.mean()) if len(known) else float("nan"),
        calibration_error=metrics.calibration_error(probabilities, split.present),
        texts_per_second=len(split.texts) / seconds,
        f1=tuple(f1.tolist()),
    )


def _candidates(texts: Sequence[str], settings: Settings) -> NGrams:
    words: Counter[str] = Counter()
    chars: Counter[str] = Counter()
    for text in texts:
        chunks = normalise(text).split()
        tokens = [token for chunk in chunks for token in words_of(chunk)]
        pairs = (f"{first} {second}" for first, second in pairwise(tokens))
        words.update({*tokens, *pairs})
        chars.update({gram for chunk in chunks for gram in char_ngrams(chunk)})
    return NGrams(_frequent(words, settings.min_words), _frequent(chars, settings.min_chars))


def _frequent(counts: Counter[str], least: int) -> list[str]:
    return sorted(gram for gram, count in counts.items() if count >= least)


def _select(candidates: NGrams, train: Split, size: int) -> tuple[Sparse, NGrams]:
    if not len(candidates):
        raise InputError("train: no n-gram occurs often enough; give more texts")
    scores = _chi2(_csr(candidates.counts(train.texts)), train.present)
    kept = np.sort(np.argsort(-scores, kind="stable")[:size])
    border = len(candidates.words)
    ngrams = NGrams(
        [candidates.words[column] for column in kept[kept < border]],
        [candidates.chars[column - border] for column in kept[kept >= border]],
    )
    return ngrams.counts(train.texts), ngrams


def _chi2(counts: Any, present: np.ndarray) -> np.ndarray:
    """Chi2 of each n-gram against label present or absent, added up over the labels."""
    share = present.mean(axis=0)
    total = np.asarray(counts.sum(axis=0)).reshape(-1, 1)
    seen = counts.T @ present.astype(float)
    # Present and absent deviate by the same amount, so their terms share a numerator.
    expected = np.maximum(total * share * (1 - share), 1e-12)
    return ((seen - total * share) ** 2 / expected).sum(axis=1)


def _regress(features: Sparse, words: int, present: np.ndarray, settings: Settings) -> np.ndarray:
    """One logistic regression a label: (F + 1, K), the intercept last."""
    try:
        from sklearn.linear_model import LogisticRegression
    except ImportError:
        raise InputError(
            "training needs scikit-learn: pip install 'empathy-recipes[fit]'"
        ) from None
    # The block weight is folded into the coefficients, so that running the judge needs none.
    scale = np.where(np.arange(features.shape[1] + 1) < words, settings.word_weight, 1.0)
    matrix = _csr(replace(features, values=features.values * scale[features.columns]))
    raw = np.zeros((len(scale), present.shape[1]))
    for column, hit in enumerate(present.T):
        if hit.all() or not hit.any():
            raise InputError(f"train: label {column} is given to all texts or to none")
        model = LogisticRegression(C=settings.inverse_regularisation, solver="liblinear")
        model.fit(matrix, hit)
        raw[:, column] = np.append(model.coef_[0], model.intercept_[0]) * scale
    return raw


def _thresholds(weights: LinearWeights, dev: Split) -> np.ndarray:
    probabilities = LinearEmotion(weights).compute(dev.texts)
    columns = zip(probabilities.T, dev.present.T, strict=True)
    return np.array([_bagged_threshold(scores, hit) for scores, hit in columns])


def _bagged_threshold(scores: np.ndarray, hit: np.ndarray) -> float:
    """Median of the best thresholds of resampled texts: one sample overfits a rare label."""
    random = np.random.default_rng(0)
    draws = (random.integers(0, len(hit), len(hit)) for _ in range(RESAMPLES))
    found = [metrics.best_threshold(scores[rows], hit[rows]) for rows in draws if hit[rows].any()]
    return float(np.median(found)) if found else metrics.best_threshold(scores, hit)


def _platt(logits: np.ndarray, hit: np.ndarray) -> np.ndarray:
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    start = np.array([1.0, 0.0])
    point = start.copy()
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-np.clip(design @ point, -30, 30)))
        slope = design.T @ (p - hit) + point - start
        curve = (design * (p * (1 - p))[:, None]).T @ design + np.eye(2)
        step = np.linalg.solve(curve, slope)
        point = point - step / max(1.0, float(np.abs(step).max()))
    return point


def _csr(sparse: Sparse) -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix((sparse.values, (sparse.rows, sparse.columns)), shape=sparse.shape)
