"""``emp train-emotion``: trains the embedded emotion judge, or measures the one that ships."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from emp_plugins.errors import InputError

if TYPE_CHECKING:
    from emp_plugins.judges.embedded.fit import Report

FIXED_THRESHOLD = 0.3


# \b keeps click from joining the lines that follow.
EXAMPLES = """\b
Examples:
  emp train-emotion --data goemotions/ --out my-judge/
  emp train-emotion --data goemotions/ --check
"""


@click.command("train-emotion", epilog=EXAMPLES)
@click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path),
    help="Folder with labels.txt, train.tsv, dev.tsv, test.tsv (text, label positions, id).",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for emotion.safetensors and CARD.md; the package's own by default.",
)
@click.option(
    "--check",
    is_flag=True,
    help="Train nothing: measure the weights in --out (the shipped ones) on test.tsv, as JSON.",
)
def command(data: Path, out: Path | None, check: bool) -> None:
    """Trains the embedded emotion judge on GoEmotions.

    Vocabulary and coefficients come from train.tsv, calibration and thresholds from dev.tsv;
    test.tsv is only measured. Needs scikit-learn: pip install 'empathy-recipes[fit]'. Takes about
    a minute on one core.
    """
    from emp_plugins.judges.embedded.weights import SHIPPED

    target = (out or SHIPPED.parent) / SHIPPED.name
    if check:
        click.echo(json.dumps(_check(data, target)))
    else:
        _train(data, target)


def _check(data: Path, path: Path) -> dict[str, float]:
    from emp_plugins.judges.embedded import corpus, fit
    from emp_plugins.judges.embedded.emotion import LinearEmotion

    labels = corpus.read_labels(data)
    split = corpus.read_split(data, "test", labels)
    judge = LinearEmotion.load(path)
    if judge.labels != labels:
        raise InputError(f"{data / 'labels.txt'}: not the labels of {path}")
    report = fit.measure(judge, split)
    return {
        "macro_f1": round(report.macro_f1, 4),
        "micro_f1": round(report.micro_f1, 4),
        "macro_auc": round(report.macro_auc, 4),
        "texts_per_second": round(report.texts_per_second),
        "bytes": path.stat().st_size,
    }


def _train(data: Path, path: Path) -> None:
    from emp_plugins.files import atomic_write
    from emp_plugins.judges import metrics
    from emp_plugins.judges.embedded import card, corpus, fit
    from emp_plugins.judges.embedded import weights as files
    from emp_plugins.judges.embedded.emotion import LinearEmotion

    labels = corpus.read_labels(data)
    splits = {name: corpus.read_split(data, name, labels) for name in ("train", "dev", "test")}
    click.echo(f"training on {len(splits['train'].texts):,} texts, {len(labels)} labels", err=True)
    weights = fit.fit(labels, splits["train"], splits["dev"])
    files.write(weights, path)
    reports = {name: fit.measure(LinearEmotion(weights), splits[name]) for name in ("dev", "test")}
    test = splits["test"]
    predicted = LinearEmotion(weights).compute(test.texts) > FIXED_THRESHOLD
    text = card.render(
        weights,
        fit.DEFAULT,
        {name: len(split.texts) for name, split in splits.items()},
        reports,
        test.present.sum(axis=0).tolist(),
        float(metrics.f1_scores(predicted, test.present).mean()),
        path.stat().st_size,
    )
    with atomic_write(path.with_name("CARD.md")) as file:
        file.write(text)
    for name, report in reports.items():
        click.echo(_line(name, report))
    click.echo(f"wrote {path} ({path.stat().st_size:,} bytes) and CARD.md")


def _line(name: str, report: Report) -> str:
    return (
        f"{name:4}  macro-F1 {report.macro_f1:.4f}  micro-F1 {report.micro_f1:.4f}  "
        f"macro-AUC {report.macro_auc:.4f}  calibration error {report.calibration_error:.4f}  "
        f"{report.texts_per_second:,.0f} texts/s"
    )
