"""One trained model as an adapter, merged and behind an endpoint: the same replies."""

import pytest

from emp_plugins.errors import InputError
from emp_tooling.inference import EmpathyInference
from emp_tooling.models.local import LocalModel
from emp_tooling.models.sampling import Sampling

TALK = [
    {"role": "user", "content": "I can't sleep since they let me go."},
    {"role": "assistant", "content": "That sounds hard."},
    {"role": "user", "content": "I am so angry at my boss."},
]
GREEDY = Sampling(max_new_tokens=12, temperature=0.0)


@pytest.fixture(scope="module")
def trained(tiny_folder, tmp_path_factory):
    """Folder of a base model, a random adapter on it, and the two merged."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    folder = tmp_path_factory.mktemp("trained")
    torch.manual_seed(1)
    # With the tied weights of `emp tiny` an untrained model repeats the prompt's last token.
    config = AutoConfig.from_pretrained(
        tiny_folder, tie_word_embeddings=False, initializer_range=1.0
    )
    base = AutoModelForCausalLM.from_config(config, dtype=torch.float32)
    base.save_pretrained(folder / "base")
    settings = LoraConfig(r=8, target_modules=["q_proj", "down_proj"], init_lora_weights=False)
    base.name_or_path = str(folder / "base")
    model = get_peft_model(base, settings)
    model.save_pretrained(folder / "adapter")
    model.merge_and_unload().save_pretrained(folder / "merged")
    for name in ("base", "merged"):
        AutoTokenizer.from_pretrained(tiny_folder).save_pretrained(folder / name)
    return folder


@pytest.fixture
def lora(recipe, trained):
    places = {"base_model": str(trained / "base"), "output_dir": str(trained / "adapter")}
    return recipe(adapter="lora", **places)


def test_adapter_merged_and_endpoint_reply_alike(lora, trained, endpoint):
    served = LocalModel(trained / "base", trained / "adapter", sampling=GREEDY)
    endpoint.script = lambda request, attempt: served.reply([request["messages"]])[0]
    by_adapter = EmpathyInference(lora)
    reply = by_adapter.respond(TALK)
    assert reply.answer and reply.problems  # a random model writes no tags
    merged = EmpathyInference(lora, trained / "merged")
    assert merged.respond(TALK) == reply
    remote = EmpathyInference(lora, endpoint=f"tiny@{endpoint.url}")
    assert remote.respond(TALK) == reply
    base = EmpathyInference(lora, model=by_adapter.model.without_adapter())
    assert base.respond(TALK).raw != reply.raw
    for source in (by_adapter, merged, remote):
        live = source.stream(TALK)
        assert list(live) and live.reply == reply
    by_adapter.close()


def test_a_missing_adapter_is_one_line(lora, trained):
    with pytest.raises(InputError, match=f"typo: no such folder; did you mean {trained}/adapter"):
        EmpathyInference(lora, trained / "typo")
