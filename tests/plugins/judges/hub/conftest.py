"""Checkpoints with the published architectures and label names, tiny and with random weights."""

import json

import pytest

from emp_plugins import judges
from emp_plugins.affect.goemotions import LABELS

WORDS = (
    "I am so sorry that you lost your job. What feels hardest about the nights right now? "
    "Thank you for telling me. It sounds like the worry is loud and you are tired of it. "
    "That must have been frightening; it makes sense that you feel angry and sad."
)
PUBLISHED_ORDER = LABELS[1:] + LABELS[:1]  # another order than ours, as published ones have
WASSA = ("Emotion", "EmotionalPolarity", "Empathy")
MINI = (  # label names of Varnikasiva/sentiment-classification-bert-mini
    *("Sadness", "Anger", "Love", "Surprise", "Fear", "Happiness", "Neutral"),
    *("Disgust", "Shame", "Guilt", "Confusion", "Desire", "Sarcasm"),
)
SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "initializer_range": 0.3,  # far apart, so that a mix-up shows
}


def roberta_tokenizer():
    from tokenizers import ByteLevelBPETokenizer
    from transformers import RobertaTokenizer

    trained = ByteLevelBPETokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trained.train_from_iterator([WORDS], vocab_size=400, special_tokens=special)
    model = json.loads(trained.to_str())["model"]
    merges = [tuple(pair) for pair in model["merges"]]
    return RobertaTokenizer(vocab=model["vocab"], merges=merges, model_max_length=512)


def bert_tokenizer():
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertTokenizer

    trained = BertWordPieceTokenizer()
    trained.train_from_iterator([WORDS], vocab_size=200)
    return BertTokenizer(vocab=trained.get_vocab(), model_max_length=512)


def _build(folder, family, labels, **settings):
    import torch
    import transformers

    torch.manual_seed(0)
    tokenizer = roberta_tokenizer() if family == "Roberta" else bert_tokenizer()
    own = {"max_position_embeddings": 514, "type_vocab_size": 1} if family == "Roberta" else {}
    config = getattr(transformers, f"{family}Config")(
        **SHAPE
        | own
        | {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
        | {"id2label": dict(enumerate(labels)), "label2id": {n: i for i, n in enumerate(labels)}}
        | settings
    )
    model = getattr(transformers, f"{family}ForSequenceClassification")(config)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def build():
    """Saves a classifier with these output names and its tokenizer; returns the folder."""
    return _build


@pytest.fixture
def logits():
    """The head's own numbers, one text at a time, by the library's plain way."""

    def _logits(folder, texts):
        import torch
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        tokenizer = AutoTokenizer.from_pretrained(folder)
        model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
        with torch.inference_mode():
            rows = [model(**tokenizer([text], return_tensors="pt")).logits[0] for text in texts]
        return torch.stack(rows)

    return _logits


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """A folder for each kind of judge, as `save_pretrained` writes it."""
    root = tmp_path_factory.mktemp("checkpoints")
    sts = "torch.nn.modules.activation.Sigmoid"  # as the published one stores it
    return {
        "emotion": _build(
            root / "emotion",
            "Roberta",
            PUBLISHED_ORDER,
            problem_type="multi_label_classification",
        ),
        "empathy": _build(root / "empathy", "Roberta", WASSA, problem_type="regression"),
        "similarity": _build(
            root / "similarity", "Roberta", ("LABEL_0",), sbert_ce_default_activation_function=sts
        ),
        "sentiment": _build(root / "sentiment", "Bert", MINI),
    }


@pytest.fixture
def load():
    """Loads a judge from a recipe's block, a fresh copy each time."""

    def _load(kind, folder, **settings):
        backend = "cross_encoder" if kind == "similarity" else "hf"
        block = {"backend": backend, "model": str(folder), "device": "cpu", **settings}
        spec = judges.read_spec(kind, block)
        return judges._module(backend, kind).from_spec(spec)

    return _load
