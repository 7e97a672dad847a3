"""The ``emp-datagen`` command line: a table of verbs, one file each."""

from __future__ import annotations

import click

from emp_datagen.lazy import LazyGroup

VERBS = {
    name: (f"emp_datagen.commands.{name}:command", text)
    for name, text in {
        "pairs": "Write preference pairs for DPO.",
        "prompts": "Write client messages with their state for GRPO.",
        "groups": "Write several scored replies to each message.",
        "kto": "Write single replies with a label for KTO.",
        "dialogues": "Write dialogues for SFT.",
        "judge": "Score and filter an existing file.",
        "stats": "Say what is in a file.",
        "card": "Write the dataset card of a file.",
        "review": "Send rows to human review in Argilla, and read them back.",
        "personas": "List the personas, or show one.",
        "errors": "List the clinical errors, or show one.",
    }.items()
}


EXAMPLES = """\b
Examples:
  emp-datagen pairs --personas mdd --out data/mdd_pairs.jsonl
  emp-datagen prompts --personas mdd,gad --n 400
  emp-datagen stats data/mdd_pairs.jsonl
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
