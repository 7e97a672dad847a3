"""The ``emp-datagen`` command line: a table of verbs, one file each."""

from __future__ import annotations

import click

from emp_datagen.lazy import LazyGroup

VERBS = {
    "pairs": ("emp_datagen.pairs:command", "Write preference pairs for DPO."),
    "prompts": ("emp_datagen.prompts:command", "Write client messages with their state for GRPO."),
}


EXAMPLES = """\b
Examples:
  emp-datagen pairs --personas mdd --out data/mdd_pairs.jsonl
  emp-datagen prompts --personas mdd,gad --n 400
  emp-datagen pairs --split dev --n 100 --structure --out data/dev.jsonl
"""


@click.command(
    cls=LazyGroup,
    verbs=VERBS,
    epilog=EXAMPLES,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="empathy-recipes", prog_name="emp-datagen")
def main() -> None:
    """Make preference data from clinical personas, as JSONL.

    The clients are invented. This is a research aid, not a medical device. If you or somebody near
    you is in danger, call or text 988 (US) or your local emergency number.
    """


if __name__ == "__main__":
    main()
