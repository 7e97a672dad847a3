"""What a user would keep beside a recipe: a reward and a rollout function, which also keep records.

Recipes in the workshop name them as ``user_code.seen`` and ``user_code.rollout``.
"""

import json
import os
from itertools import count
from pathlib import Path

REPLIES = Path("build/pairs.jsonl")
_turns = count()


def seen(prompts, completions, **columns):
    """The length of each reply; appends all that the reward was given to ``seen_RANK.jsonl``."""
    kept = {name: values for name, values in columns.items() if _is_column(values, prompts)}
    kept.pop("completion_ids", None)  # TRL's own, no column of the data
    row = {"prompts": prompts, "completions": completions, "columns": kept}
    with open(f"{_output_folder()}/seen_{os.environ.get('RANK', 0)}.jsonl", "a") as file:
        file.write(json.dumps(row) + "\n")
    return [float(len(messages[0]["content"])) for messages in completions]


def fragile(completions, trainer_state, **columns):
    """Fails on the few held-out prompts in the middle of a run, with a client's words."""
    if len(completions) == 4 and trainer_state.global_step == 2:
        raise ValueError("I cannot bear this any more")
    return [0.0] * len(completions)


def rollout(prompts, trainer):
    """The model's own replies, but every second one is taken from the preference pairs.

    A tiny random model writes nothing that the rewards could tell apart; these they can.
    """
    tokenizer = trainer.processing_class
    prompt_ids, images, fields = trainer._tokenize_prompts(prompts)
    completion_ids, _ = trainer._generate_single_turn(prompt_ids, images, fields)
    replies = [json.loads(line) for line in REPLIES.read_text().splitlines()]
    for place in range(0, len(prompts), 2):
        row = replies[next(_turns) * 7 % len(replies)]
        reply = row["chosen" if place % 4 else "rejected"][-1]["content"]
        completion_ids[place] = tokenizer(reply).input_ids + [tokenizer.eos_token_id]
    return {"prompt_ids": prompt_ids, "completion_ids": completion_ids, "logprobs": None}


def _is_column(values, prompts):
    return isinstance(values, list) and len(values) == len(prompts)


def _output_folder():
    folder = Path(os.environ["SEEN"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder
