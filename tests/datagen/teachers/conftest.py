"""No keys, short pauses, and a tiny model that says something even where nothing is sampled."""

import pytest

from emp_tooling.tiny import build_model

from .asking import endpoint


@pytest.fixture(autouse=True)
def no_keys_and_short_pauses(monkeypatch):
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(endpoint, "FIRST_BACKOFF_S", 0.02)


@pytest.fixture(scope="session")
def talkative(tmp_path_factory):
    """Folder of a random model whose likeliest token depends on the prompt.

    With the tied weights of `emp tiny` it repeats the prompt's last token, a line break.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("talkative") / "tiny"
    build_model(folder)
    config = AutoConfig.from_pretrained(folder, tie_word_embeddings=False, initializer_range=1.0)
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(folder)
    return folder
