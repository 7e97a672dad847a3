"""The model card beside the weights, written from what was measured."""

from __future__ import annotations

from emp_plugins.judges.embedded.fit import Report, Settings
from emp_plugins.judges.embedded.weights import LinearWeights

_CARD = """\
# Emotion judge (embedded)

Written by `emp train-emotion`; every number below was measured by the run that wrote the weights.

## What it is

A linear model over words, word pairs and character n-grams. For a text it gives a probability of
each of {label_count} labels, independently: several can be likely at once, and the probabilities
do not add up to 1. It runs on NumPy alone; the file holds arrays and a vocabulary, no code.

- {features:,} n-grams ({words:,} words and word pairs, {chars:,} character n-grams of 3 to 5), kept
  by chi2 from those in at least {min_words} ({min_chars} for characters) training texts
- tf-idf (1 + log tf), each of the two blocks divided by its L2 norm
- one logistic regression a label, C = {c:g}, words weighed {word_weight:g} against characters, then
  Platt scaling on dev, folded into the weights
- coefficients stored as float16; {size:,} bytes in all

## Data

GoEmotions: Demszky et al. 2020, "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020,
doi 10.18653/v1/2020.acl-main.372. English Reddit comments, labelled by raters; licence CC BY 4.0
(https://creativecommons.org/licenses/by/4.0/). The weights are derived from it: keep the
attribution "Demszky et al. 2020, GoEmotions" where you pass them on. Changes made: the comments
were reduced to n-gram statistics; none is stored.

Texts: {train:,} to train, {dev:,} to calibrate and to set thresholds, {test:,} to test. Nothing
was chosen on the test texts.

## Measured

| split | macro-F1 | micro-F1 | macro-AUC | calibration error |
|---|---|---|---|---|
| dev | {dev_row} |
| test | {test_row} |

F1 is at the thresholds below, each the median of the best ones over resamples of dev: the dev row
is therefore flattering, the test row is not. The GoEmotions paper reports macro-F1 .46 for BERT on
the same test texts, without tuned thresholds; at one threshold of .3 for all labels this model gets
{fixed:.3f}, so the two numbers do not show that it is better. Calibration error: expected
calibration error over all cells in ten bins.

| label | threshold | F1 (test) | texts (test) |
|---|---|---|---|
{label_rows}

## Use

Meant for: research on how texts express emotion, as one reward or measure among several in
training and evaluating conversational models, on short English texts.

A research aid, not a medical device: it must not diagnose, triage or decide about a person, and
its scores are no statement about anybody's health.

## Limits

- It reads wording, not meaning: negation beyond a word pair, irony and context escape it.
- The comments are Reddit's, and so are their habits and biases, towards groups of people too. Other
  registers (clinical notes, speech, translations) and other languages are out of its range.
- Rare labels are weak and their thresholds rest on few dev texts: see F1 and counts above.
- Probabilities are calibrated on GoEmotions; elsewhere they are an ordering at best.
- A text without a known n-gram gets the same scores as the empty text.
- Training against it can exploit it: watch what the judge does not see.
"""


def render(
    weights: LinearWeights,
    settings: Settings,
    counts: dict[str, int],
    reports: dict[str, Report],
    present: list[int],
    fixed_f1: float,
    size: int,
) -> str:
    """Writes the card.

    Args:
        weights: The model.
        settings: How it was trained.
        counts: Number of texts of ``train``, ``dev`` and ``test``.
        reports: What was measured on ``dev`` and ``test``.
        present: Test texts of each label.
        fixed_f1: Macro-F1 on test at one threshold of .3.
        size: Bytes of the weights file.

    Returns:
        Markdown.
    """
    ngrams = weights.encoder.ngrams
    rows = zip(weights.labels, weights.thresholds, reports["test"].f1, present, strict=True)
    return _CARD.format(
        label_count=len(weights.labels),
        features=len(ngrams),
        words=len(ngrams.words),
        chars=len(ngrams.chars),
        min_words=settings.min_words,
        min_chars=settings.min_chars,
        word_weight=settings.word_weight,
        c=settings.inverse_regularisation,
        size=size,
        **counts,
        dev_row=_row(reports["dev"]),
        test_row=_row(reports["test"]),
        fixed=fixed_f1,
        label_rows="\n".join(
            f"| {label} | {threshold:.3f} | {f1:.3f} | {count} |"
            for label, threshold, f1, count in rows
        ),
    )


def _row(report: Report) -> str:
    values = (report.macro_f1, report.micro_f1, report.macro_auc, report.calibration_error)
    return " | ".join(f"{value:.3f}" for value in values)
