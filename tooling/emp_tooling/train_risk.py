"""``emp train-risk``: trains the embedded risk judge on the messages that ship."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import click

BACKGROUND = 1000
"""Everyday texts beside the messages."""

# \b keeps click from joining the lines that follow.
EXAMPLES = """\b
Examples:
  emp train-risk --background goemotions/train.tsv --check
  emp train-risk --messages my-messages/ --out my-judge/
"""


@click.command("train-risk", epilog=EXAMPLES)
@click.option(
    "--messages",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of *.jsonl (text, level, kind), one file a writer; the package's own by default.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for risk.safetensors; the package's own by default.",
)
@click.option(
    "--background",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Everyday texts without risk, one a line, what follows a tab left out; the first 1,000 "
    "that the phrase tables read as harmless are used. The shipped judge had GoEmotions'.",
)
@click.option("--check", is_flag=True, help="Write nothing, only measure.")
def command(messages: Path | None, out: Path | None, background: Path | None, check: bool) -> None:
    """Trains the embedded risk judge, the second reader of what clients disclose.

    Every writer's messages are read by a model that saw only the others'; the table is made of
    these readings. The judge that is written saw all writers. Needs scikit-learn: pip install
    'empathy-recipes[fit]'. Takes about a minute.
    """
    from emp_plugins.judges.embedded import fit_risk, risk_corpus, weights
    from emp_plugins.judges.embedded.risk import SHIPPED

    found = risk_corpus.load(messages or risk_corpus.SHIPPED)
    everyday = _background(background) if background else []
    logits = fit_risk.left_out(found, everyday)
    for line in table(found, fit_risk.probabilities(logits, found)):
        click.echo(line)
    if not check:
        target = (out or SHIPPED.parent) / SHIPPED.name
        weights.write(fit_risk.train(found, logits, everyday), target)
        click.echo(f"wrote {target} ({target.stat().st_size:,} bytes)")


def _background(path: Path) -> list[str]:
    from emp_plugins.errors import InputError
    from emp_plugins.safety import assess

    try:
        # GoEmotions holds other newline-like characters inside its texts.
        with path.open(encoding="utf-8", newline="\n") as file:
            texts = [line.partition("\t")[0].strip() for line in file]
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"--background {path}: cannot be read: {error}") from None
    return list(islice((text for text in texts if text and not assess(text).level), BACKGROUND))


def table(messages: Any, probabilities: Any) -> list[str]:
    """How both readers read writers that the judge never saw.

    Args:
        messages: N labelled messages.
        probabilities: (N,) of a judge that did not see the message's writer.

    Returns:
        Lines: the judge's AUC, and for the phrase tables alone, the judge alone and both together
        the share of explicit and coded risk that is found and of harmless messages read as risk.
    """
    import numpy as np

    from emp_plugins.judges import metrics
    from emp_plugins.rewards.client import ALONE, AT_RISK, read
    from emp_plugins.safety import assess

    texts = [message.text for message in messages]
    kinds = np.array([message.kind for message in messages])
    readers = {
        "phrase tables": np.array([assess(text).level >= AT_RISK for text in texts]),
        "judge": probabilities >= ALONE,
        "both": np.array([risk.level >= AT_RISK for risk in read(texts, probabilities)]),
    }
    area = metrics.auc_scores(probabilities[:, None], (kinds != "none")[:, None])[0]
    lines = [f"{len(texts)} messages; AUC of the judge on writers it never saw {area:.3f}"]
    for name, hit in readers.items():
        shares = (f"{kind} {hit[kinds == kind].mean():.3f}" for kind in ("explicit", "coded"))
        alarms = hit[kinds == "none"].mean()
        lines.append(f"{name:13}  recall {'  '.join(shares)}  false alarms {alarms:.3f}")
    return lines
