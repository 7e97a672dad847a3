"""Random models and adapters, small enough to build in a test, and a server before a model."""

import signal

import pytest

from .serving import Endpoint

TEMPLATE = (
    "{% for m in messages %}<s>{{ m['role'] }} {{ m['content'] }}</s>{% endfor %}"
    "{% if add_generation_prompt %}<s>assistant {% endif %}"
)


def save_tokenizer(folder, template=TEMPLATE):
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    words = "<pad> <s> </s> [UNK] system user assistant a b c d e f g h".split()
    raw = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    raw.decoder = decoders.WordPiece()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="</s>", bos_token="<s>"
    )
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    return tokenizer


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory):
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("llama")
    tokenizer = save_tokenizer(folder)
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        "llama",
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=128,
        initializer_range=0.5,  # at the usual .02 every token would be as likely as the next
    )
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def adapter_folder(model_folder, tmp_path_factory):
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    folder = tmp_path_factory.mktemp("adapter")
    torch.manual_seed(1)
    # Random B matrices instead of zeros, so that the adapter changes what the model says.
    settings = LoraConfig(r=4, target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    base = AutoModelForCausalLM.from_pretrained(model_folder)
    get_peft_model(base, settings).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """The random model of `emp tiny`: it writes words, and its chat template is ChatML."""
    from emp_tooling.tiny import build_model

    folder = tmp_path_factory.mktemp("models") / "tiny"
    build_model(folder)
    return folder


@pytest.fixture(scope="session")
def tokenizer_saver():
    return save_tokenizer


@pytest.fixture
def endpoint(monkeypatch):
    """An OpenAI-compatible server on loopback, see `serving.Endpoint`; pauses are short."""
    from emp_tooling.models.endpoint import asking

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(asking, "FIRST_BACKOFF_S", 0.02)
    with Endpoint() as server:
        yield server


@pytest.fixture
def interruptible():
    """Lets ctrl-c be heard: a job in the background ignores it."""
    held = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, held)
