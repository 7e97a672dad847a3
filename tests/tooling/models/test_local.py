import json
import shutil

import pytest

from emp_plugins.errors import InputError
from emp_tooling.evaluate.generate import Generator, Sampling

STRICT = (
    "{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<s>{{ m['role'] }} {{ m['content'] }}</s>{% endfor %}<s>assistant "
)
PROMPTS = [[{"role": "user", "content": "a " * length + "b"}] for length in (1, 30, 4, 9, 2, 17, 5)]
SHORT = Sampling(max_new_tokens=12)


def test_the_seed_determines_the_replies(model_folder):
    first = Generator(model_folder).generate(PROMPTS, SHORT, seed=3)
    generator = Generator(model_folder)
    assert generator.generate(PROMPTS, SHORT, seed=3) == first
    assert generator.generate(PROMPTS, SHORT, seed=4) != first
    assert len(first) == len(PROMPTS)


def test_replies_come_in_the_order_of_the_prompts_whatever_the_batches(model_folder):
    # Greedy, so that only the order and the padding of the batches could make a difference.
    greedy = Sampling(max_new_tokens=8, temperature=0.0)
    generator, seen = Generator(model_folder), []
    alone = [generator.generate([prompt], greedy, seed=0)[0] for prompt in PROMPTS]
    together = generator.generate(
        PROMPTS, greedy, seed=0, batch_size=3, progress=lambda *count: seen.append(count)
    )
    assert together == alone
    assert len(set(alone)) > 1
    assert seen == [(3, 7), (6, 7), (7, 7)]


def test_the_adapter_can_be_switched_off(model_folder, adapter_folder):
    plain = Generator(model_folder).generate(PROMPTS, SHORT, seed=0)
    generator = Generator(model_folder, adapter=adapter_folder)
    assert generator.generate(PROMPTS, SHORT, seed=0) != plain
    assert generator.generate(PROMPTS, SHORT, seed=0, adapter=False) == plain
    assert generator.generate(PROMPTS, SHORT, seed=0) != plain  # and is on again


def test_replies_hold_no_prompt_and_no_special_tokens(model_folder):
    for reply in Generator(model_folder).generate(PROMPTS, SHORT, seed=0):
        assert not {"<s>", "</s>", "<pad>"} & set(reply.split())
        assert len(reply.split()) <= 12


def test_a_system_prompt_is_folded_where_the_template_refuses_one(
    model_folder, tokenizer_saver, tmp_path
):
    folder = shutil.copytree(model_folder, tmp_path / "strict")
    tokenizer_saver(folder, STRICT)
    system = [{"role": "system", "content": "c d"}, {"role": "user", "content": "a b"}]
    folded = [{"role": "user", "content": "c d\n\na b"}]
    generator = Generator(folder)
    assert generator.generate([system], SHORT, seed=0) == generator.generate(
        [folded], SHORT, seed=0
    )


def test_what_cannot_be_loaded_is_named(model_folder, adapter_folder, tmp_path):
    with pytest.raises(InputError, match="no-model: no usable model"):
        Generator(tmp_path / "no-model")
    with pytest.raises(InputError, match="no adapter here, adapter_config.json is missing"):
        Generator(model_folder, adapter=tmp_path)
    pickled = shutil.copytree(adapter_folder, tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    with pytest.raises(InputError, match="adapter_model.safetensors is missing"):
        Generator(model_folder, adapter=pickled)
    mute = shutil.copytree(model_folder, tmp_path / "mute")
    (mute / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        Generator(mute)


def test_pickled_weights_are_refused(model_folder, tmp_path):
    import torch
    from safetensors.torch import load_file

    folder = shutil.copytree(model_folder, tmp_path / "pickled")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match="no usable model"):
        Generator(folder)


def test_code_in_the_folder_is_not_run(model_folder, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "code")
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "mine"
    config["auto_map"] = {
        "AutoConfig": "code.Config",
        "AutoModelForCausalLM": "code.Model",
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "code.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    with pytest.raises(InputError):
        Generator(folder)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("trl", "expected"),
    [
        (None, Sampling()),  # a recipe without the block keeps TRL's defaults
        (
            {"max_completion_length": 160, "temperature": 0.7, "num_generations": 8},
            Sampling(max_new_tokens=160, temperature=0.7),
        ),
        ({"top_p": 0.9, "top_k": 20, "min_p": 0.1}, Sampling(top_p=0.9, top_k=20, min_p=0.1)),
    ],
)
def test_sampling_is_read_from_the_recipe(trl, expected):
    assert Sampling.from_recipe({"trl": trl}, "r.yml") == expected


@pytest.mark.parametrize("value", ["hot", True, -1, [1]])
def test_a_wrong_setting_is_named(value):
    with pytest.raises(InputError, match="r.yml: trl.temperature: expected a number"):
        Sampling.from_recipe({"trl": {"temperature": value}}, "r.yml")
