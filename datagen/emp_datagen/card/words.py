"""What a card says of every file of one kind, and of the columns."""

from __future__ import annotations

from collections.abc import Mapping

WHAT: Mapping[str, str] = {
    "pair": "preference pairs for DPO: a client's message, a good reply (`chosen`) and a reply "
    "that makes a named clinical error (`rejected`)",
    "prompt": "client messages with their state for GRPO; they hold no replies",
    "kto": "single replies with a label for KTO: good ones, and ones that make a named clinical "
    "error",
    "group": "client messages with several scored replies each",
    "dialogue": "dialogues for SFT, in which every reply is a good one",
    "completion": "client messages with one reply each",
}
"""What the rows are."""

USE: Mapping[str, str] = {
    "pair": "Preference training (DPO and its relatives) and reward models",
    "prompt": "Prompts for training with rewards (GRPO)",
    "kto": "Training with binary feedback (KTO)",
    "group": "Reward models, rankings, and a look at what group-relative training would compare",
    "dialogue": "Supervised fine-tuning",
    "completion": "Supervised fine-tuning and rankings",
}
"""What the rows are for."""

TAGS: Mapping[str, tuple[str, ...]] = {
    "pair": ("preference", "dpo"),
    "prompt": ("prompts", "grpo"),
    "kto": ("preference", "kto"),
    "group": ("preference", "reward-model"),
    "dialogue": ("conversational", "sft"),
    "completion": ("sft",),
}
"""Tags on the hub."""

COLUMNS: Mapping[str, str] = {
    "id": "Name of the row: persona, verb, split, seed and number",
    "prompt": "What the client says, under the header of the state, after the turns before it",
    "chosen": "The good reply",
    "rejected": "The reply that makes the error",
    "completion": "The reply",
    "completions": "The replies",
    "label": "Whether the reply is good",
    "messages": "The whole conversation",
    "critique": "Why the rejected reply harms",
    "persona": "Name of the client's profile",
    "diagnosis": "Abbreviation of the diagnosis",
    "severity": "Its severity",
    "risk": "0 none, 1 hopelessness, 2 passive ideation, 3 active ideation or self-harm, 4 plan, "
    "means or intent",
    "turn": "How many turns the client has had",
    "state": "Attributes of the client, polarity of the turns so far, and the four affect axes",
    "states": "The state after each of the client's turns",
    "target": "The affect axis in deficit",
    "error": "The clinical error; null for none",
    "scores": "What the automated judges say of each reply; null where they were not asked",
    "teacher": "Who wrote the replies",
    "seed": "Of the run",
}
"""What each column holds."""
