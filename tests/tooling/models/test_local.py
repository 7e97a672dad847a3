"""Replies of real random models: batches, adapters, streams and what cannot be loaded."""

import _thread
import contextlib
import json
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.local import LocalModel
from emp_tooling.models.sampling import Sampling

STRICT = (
    "{% for m in messages %}{% if m['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}"
    "<s>{{ m['role'] }} {{ m['content'] }}</s>{% endfor %}<s>assistant "
)
REFUSING = "{{ raise_exception('Conversation roles must alternate') }}"
PROMPTS = [[{"role": "user", "content": "a " * length + "b"}] for length in (1, 30, 4, 9, 2, 17, 5)]
SHORT = Sampling(max_new_tokens=12)
GREEDY = Sampling(max_new_tokens=8, temperature=0.0)


def test_the_seed_determines_the_replies(model_folder):
    first = LocalModel(model_folder, sampling=SHORT).reply(PROMPTS, seed=3)
    model = LocalModel(model_folder, sampling=SHORT)
    assert model.reply(PROMPTS, seed=3) == first
    assert model.reply(PROMPTS, seed=4) != first
    assert len(first) == len(PROMPTS)


def test_replies_come_in_the_order_of_the_prompts_whatever_the_batches(model_folder):
    # Greedy, so that only the order and the padding of the batches could make a difference.
    model, counts, heard = LocalModel(model_folder, sampling=GREEDY, batch_size=3), [], {}
    alone = [model.reply([prompt])[0] for prompt in PROMPTS]
    together = model.reply(
        PROMPTS, progress=lambda *count: counts.append(count), on_reply=heard.__setitem__
    )
    assert together == alone
    assert len(set(alone)) > 1
    assert counts == [(3, 7), (6, 7), (7, 7)]
    assert heard == dict(enumerate(together))


def test_the_adapter_can_be_switched_off(model_folder, adapter_folder):
    plain = LocalModel(model_folder, sampling=SHORT)
    aligned = LocalModel(model_folder, adapter_folder, sampling=SHORT)
    base = aligned.without_adapter()
    assert (aligned.name, base.name) == (str(adapter_folder), str(model_folder))
    assert (aligned.has_adapter, base.has_adapter, plain.has_adapter) == (True, False, False)
    assert aligned.reply(PROMPTS) != plain.reply(PROMPTS)
    assert base.reply(PROMPTS) == plain.reply(PROMPTS)
    assert "".join(base.stream(PROMPTS[1], seed=0)) == "".join(plain.stream(PROMPTS[1], seed=0))
    assert aligned.reply(PROMPTS) != plain.reply(PROMPTS)  # and is on again


def test_a_merged_adapter_replies_as_the_adapter_does(model_folder, adapter_folder, tmp_path):
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    merged = shutil.copytree(model_folder, tmp_path / "merged")
    base = AutoModelForCausalLM.from_pretrained(model_folder)
    PeftModel.from_pretrained(base, adapter_folder).merge_and_unload().save_pretrained(merged)
    aligned = LocalModel(model_folder, adapter_folder, sampling=GREEDY)
    assert LocalModel(merged, sampling=GREEDY).reply(PROMPTS) == aligned.reply(PROMPTS)


def test_replies_hold_no_prompt_and_no_special_tokens(model_folder):
    for reply in LocalModel(model_folder, sampling=SHORT).reply(PROMPTS):
        assert not {"<s>", "</s>", "<pad>"} & set(reply.split())
        assert len(reply.split()) <= 12


def test_a_stream_says_what_a_batch_says(model_folder, adapter_folder):
    model = LocalModel(model_folder, adapter_folder, sampling=GREEDY)
    for prompt, whole in zip(PROMPTS, model.reply(PROMPTS), strict=True):
        assert "".join(model.stream(prompt)) == whole


def test_the_seed_determines_a_stream(model_folder):
    model = LocalModel(model_folder, sampling=SHORT)
    said = {seed: "".join(model.stream(PROMPTS[1], seed=seed)) for seed in range(4)}
    assert "".join(model.stream(PROMPTS[1], seed=2)) == said[2]
    assert len(set(said.values())) > 1
    assert len({"".join(model.stream(PROMPTS[1])) for _ in range(6)}) > 1  # None draws anew


def test_a_closed_stream_ends_the_generation(tiny_folder):
    before = threading.active_count()
    endless = Sampling(max_new_tokens=100_000, temperature=0.0)  # it repeats its last token
    model = LocalModel(tiny_folder, sampling=endless)
    pieces = model.stream(PROMPTS[0], seed=0)
    next(pieces)
    assert threading.active_count() > before
    pieces.close()  # waits for the thread, so this would take minutes without a stop
    assert threading.active_count() == before


def test_an_interrupt_ends_the_generation(tiny_folder, interruptible):
    before = threading.active_count()
    endless = Sampling(max_new_tokens=100_000, temperature=0.0)
    pieces = LocalModel(tiny_folder, sampling=endless).stream(PROMPTS[0], seed=0)
    next(pieces)
    with pytest.raises(KeyboardInterrupt), contextlib.closing(pieces):
        threading.Timer(0.1, _thread.interrupt_main).start()
        for _ in pieces:
            pass
    assert threading.active_count() <= before + 1  # the timer's own thread may just be ending


def test_the_base_and_its_adapter_asked_at_once(model_folder, adapter_folder):
    aligned = LocalModel(model_folder, adapter_folder, sampling=GREEDY)
    models = [aligned, aligned.without_adapter()] * 4
    alone = [model.reply(PROMPTS) for model in models]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda model: model.reply(PROMPTS), models)) == alone


def test_what_goes_wrong_in_a_stream_is_raised_where_it_is_read(model_folder):
    model = LocalModel(model_folder, sampling=Sampling(max_new_tokens=4, min_p=2.0))
    with pytest.raises(ValueError, match="min_p"):
        list(model.stream(PROMPTS[0], seed=0))


def test_a_closed_model_says_so(model_folder, adapter_folder):
    model = LocalModel(model_folder, adapter_folder, sampling=GREEDY)
    model.close()
    with pytest.raises(InputError, match="was closed"):
        model.reply(PROMPTS)
    with pytest.raises(InputError, match="was closed"):
        model.stream(PROMPTS[0])


def test_a_system_prompt_is_folded_where_the_template_refuses_one(
    model_folder, tokenizer_saver, tmp_path
):
    folder = shutil.copytree(model_folder, tmp_path / "strict")
    tokenizer_saver(folder, STRICT)
    system = [{"role": "system", "content": "c d"}, {"role": "user", "content": "a b"}]
    folded = [{"role": "user", "content": "c d\n\na b"}]
    model = LocalModel(folder, sampling=SHORT)
    assert model.reply([system]) == model.reply([folded])


def test_what_the_chat_template_refuses_is_one_line(model_folder, tokenizer_saver, tmp_path):
    folder = shutil.copytree(model_folder, tmp_path / "refusing")
    tokenizer_saver(folder, REFUSING)
    model = LocalModel(folder, sampling=SHORT)
    for ask in (lambda: model.reply(PROMPTS), lambda: model.stream(PROMPTS[0])):
        with pytest.raises(InputError, match="refuses the messages: Conversation roles must alt"):
            ask()


def test_the_chat_template_saved_beside_an_adapter_counts(
    model_folder, adapter_folder, tokenizer_saver, tmp_path
):
    folder = shutil.copytree(adapter_folder, tmp_path / "adapter")
    tokenizer_saver(folder, REFUSING)
    with pytest.raises(InputError, match="roles must alternate"):
        LocalModel(model_folder, folder, sampling=SHORT).reply(PROMPTS)


def test_four_bits_are_near_the_original(tiny_folder):
    import torch

    pytest.importorskip("bitsandbytes")
    whole = LocalModel(tiny_folder, sampling=GREEDY)
    small = LocalModel(tiny_folder, sampling=GREEDY, four_bit=True)
    assert small._model.is_loaded_in_4bit
    inputs = whole._inputs(["I can't sleep since they let me go."])
    with torch.inference_mode():
        near, exact = (m._model(**inputs).logits.flatten() for m in (small, whole))
    assert not torch.equal(near, exact)
    assert torch.corrcoef(torch.stack([near, exact]))[0, 1] > 0.9
    assert small.reply(PROMPTS[:2])


def test_what_cannot_be_loaded_is_named(model_folder, adapter_folder, tmp_path):
    with pytest.raises(InputError, match="no-model: no usable tokenizer"):
        LocalModel(tmp_path / "no-model")
    with pytest.raises(InputError, match="no adapter here, adapter_config.json is missing"):
        LocalModel(model_folder, tmp_path / "no-adapter")
    pickled = shutil.copytree(adapter_folder, tmp_path / "pickled")
    (pickled / "adapter_model.safetensors").rename(pickled / "adapter_model.bin")
    with pytest.raises(InputError, match="adapter_model.safetensors is missing"):
        LocalModel(model_folder, pickled)
    mute = shutil.copytree(model_folder, tmp_path / "mute")
    (mute / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        LocalModel(mute)


def test_pickled_weights_are_refused(model_folder, tmp_path):
    import torch
    from safetensors.torch import load_file

    folder = shutil.copytree(model_folder, tmp_path / "pickled")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(InputError, match="no usable model"):
        LocalModel(folder)


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
        LocalModel(folder)
    assert not (tmp_path / "ran").exists()
