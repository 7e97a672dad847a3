"""Checkpoints of the published shapes with random weights, which are as fast as trained ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from emp_plugins.affect.goemotions import LABELS
from emp_plugins.files import read_yaml
from emp_tooling.benchmarks.inputs import MATERIAL

SIZES = {
    "tiny": {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2},
    "base": {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12},
    "large": {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16},
}
"""Shapes of RoBERTa; the inner layer is four times as wide."""

HEADS = {
    "emotion": LABELS,
    "empathy": ("Emotion", "EmotionalPolarity", "Empathy"),
    "similarity": ("LABEL_0",),
}
"""Names of the outputs of SamLowe/roberta-base-go_emotions, miladsolo/roberta-lora-wassa-empathy
and cross-encoder/stsb-roberta-large."""


def build(folder: Path, kind: str, size: str, spread: float = 0.02) -> Path:
    """Saves a checkpoint with its tokenizer.

    Args:
        folder: Where to.
        kind: A key of ``HEADS``.
        size: A key of ``SIZES``.
        spread: Standard deviation of the weights; RoBERTa's is 0.02.

    Returns:
        The folder.
    """
    import torch
    from transformers import RobertaConfig, RobertaForSequenceClassification

    torch.manual_seed(0)
    tokenizer = _tokenizer()
    labels, shape = HEADS[kind], SIZES[size]
    config = RobertaConfig(
        **shape,
        intermediate_size=4 * shape["hidden_size"],
        vocab_size=50265 if size != "tiny" else len(tokenizer),
        max_position_embeddings=514,
        type_vocab_size=1,
        initializer_range=spread,
        pad_token_id=tokenizer.pad_token_id,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
    )
    RobertaForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _tokenizer() -> Any:
    """RoBERTa's kind of tokenizer, trained on the inputs: about 1.2 tokens a word, as RoBERTa's."""
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaTokenizer

    material = read_yaml(MATERIAL)
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(
        [*material["clients"], *material["replies"]],
        vocab_size=2000,
        min_frequency=1,  # whole words, as RoBERTa's vocabulary has them
        special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
        show_progress=False,
    )
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    return RobertaTokenizer(vocab=model["vocab"], merges=merges, model_max_length=512)
