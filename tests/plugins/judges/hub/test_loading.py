"""Each way in which a checkpoint cannot be used has one line that says what to do."""

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest

from emp_plugins.errors import InputError
from emp_plugins.judges import read_spec


@pytest.fixture
def copy(tmp_path, checkpoints):
    return lambda kind: shutil.copytree(checkpoints[kind], tmp_path / kind)


def refused(load, kind, folder, **settings):
    with pytest.raises(InputError) as caught:
        load(kind, folder, **settings)
    message = str(caught.value)
    assert message.startswith(f"judges.{kind} (") and "\n" not in message
    return message


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({}, r"judges\.emotion\.model: field required"),
        ({"model": ""}, r"judges\.emotion\.model"),
        ({"model": "a/b", "device": "gpu"}, r"judges\.emotion\.device"),
        ({"model": "a/b", "dtype": "int8"}, r"judges\.emotion\.dtype"),
        ({"model": "a/b", "max_lenght": 9}, r"max_lenght: unknown key; did you mean 'max_length'"),
        ({"model": "a/b", "tokens_per_batch": 0}, r"judges\.emotion\.tokens_per_batch"),
    ],
)
def test_settings_are_checked(settings, complaint):
    with pytest.raises(InputError, match=complaint):
        read_spec("emotion", {"backend": "hf", **settings})


@pytest.mark.parametrize("kind", ["emotion", "similarity"])
@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("nobody/no-such-model", "HF_HUB_OFFLINE is set; .*`hf download nobody/no-such-model`"),
        ("./no/such/folder", "no such folder"),
        ("/no/such/folder", "no such folder"),
        ("a/b/c", "no such folder"),
        ("a..b/c", "no valid hub id"),
    ],
)
def test_a_missing_model(load, kind, model, hint):
    assert re.search(hint, refused(load, kind, model))


def test_a_folder_that_is_no_checkpoint(load, tmp_path):
    assert "no config.json in it" in refused(load, "emotion", tmp_path)
    (tmp_path / "file").write_text("x")
    assert "name the folder" in refused(load, "emotion", tmp_path / "file")


@pytest.mark.parametrize("kind", ["emotion", "similarity"])
@pytest.mark.parametrize(
    ("other", "hint"),
    [
        ("pytorch_model.bin", "use_safetensors=False"),  # a pickle could run code
        ("flax_model.msgpack", "only Flax weights"),  # as mnaylor/psychbert-cased
    ],
)
def test_weights_that_are_not_safetensors(load, copy, kind, other, hint):
    folder = copy(kind)
    (folder / "model.safetensors").rename(folder / other)
    assert hint in refused(load, kind, folder)


def test_weights_that_are_cut_short(load, copy):
    folder = copy("emotion")
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    assert "cannot be loaded" in refused(load, "emotion", folder)


@pytest.mark.parametrize("kind", ["emotion", "similarity"])
def test_a_head_that_was_never_trained(load, copy, kind):
    """transformers would fill it with random numbers and go on."""
    from transformers import AutoModel

    folder = copy(kind)
    labels = json.loads((folder / "config.json").read_text())
    AutoModel.from_pretrained(folder).save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps(labels))
    assert "lacks" in refused(load, kind, folder)


@pytest.mark.parametrize("kind", ["empathy", "similarity"])
def test_weights_of_another_shape_than_the_config(load, copy, kind):
    folder = copy(kind)
    config = json.loads((folder / "config.json").read_text())
    config["intermediate_size"] = 48
    (folder / "config.json").write_text(json.dumps(config))
    assert "cannot be loaded" in refused(load, kind, folder)


def test_no_tokenizer(load, copy):
    folder = copy("emotion")
    for path in folder.glob("tokenizer*"):
        path.unlink()
    assert "tokenizer" in refused(load, "emotion", folder)


def test_code_in_a_checkpoint_does_not_run(load, copy):
    folder = copy("emotion")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text("import pathlib\npathlib.Path(__file__ + '.ran').touch()\n")
    refused(load, "emotion", folder)
    assert not list(folder.glob("*.ran"))


def test_a_gpu_that_is_not_there(load, checkpoints):
    message = refused(load, "emotion", checkpoints["emotion"], device="cuda:99")
    assert "device: cuda:99" in message and "use auto" in message


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_stays_near(load, checkpoints, dtype):
    texts = ["I am so sorry", "thank you", "sad"]
    whole = load("emotion", checkpoints["emotion"]).score(texts)
    half = load("emotion", checkpoints["emotion"], dtype=dtype).score(texts)
    assert np.abs(half - whole).max() < 0.1
    assert (half != whole).any()


@pytest.fixture
def adapter(build, tmp_path):
    """A LoRA adapter with its own head over a base model without one, and their merged scores."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForSequenceClassification, RobertaForMaskedLM, RobertaModel

    base = build(tmp_path / "base", "Roberta", ("Emotion", "EmotionalPolarity", "Empathy"))
    body = RobertaModel.from_pretrained(base, add_pooling_layer=False)
    whole = RobertaForMaskedLM(body.config)
    whole.roberta = body
    whole.save_pretrained(base)
    config = LoraConfig(
        task_type="SEQ_CLS", r=4, target_modules=["query", "value"], init_lora_weights=False
    )
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=3)
    tuned = get_peft_model(model, config).eval()
    tuned.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter", base, tuned


def test_an_adapter_loads_its_base_model(load, adapter):
    import torch
    from transformers import AutoTokenizer

    folder, base, tuned = adapter
    with torch.inference_mode():
        inputs = AutoTokenizer.from_pretrained(base)(["I am so sorry"], return_tensors="pt")
        expected = tuned(**inputs).logits[0, 2].item()
    judge = load("empathy", folder)
    assert judge.output == 2
    assert judge.score(["I am so sorry"])[0] == pytest.approx(expected, abs=1e-5)


def test_an_adapter_with_names_for_its_outputs(load, adapter):
    folder, _, tuned = adapter
    tuned.config.id2label = {0: "Empathy", 1: "Emotion", 2: "EmotionalPolarity"}
    tuned.config.save_pretrained(folder)
    assert load("empathy", folder).output == 0


def test_an_adapter_over_an_empty_base_model(load, adapter):
    from safetensors.numpy import load_file, save_file

    folder, base, _ = adapter
    arrays = load_file(base / "model.safetensors")
    arrays.pop("roberta.encoder.layer.0.output.dense.weight")
    save_file(arrays, base / "model.safetensors", metadata={"format": "pt"})
    assert "lacks 1 of the model's arrays" in refused(load, "empathy", folder)


def test_an_adapter_without_its_base_model(load, adapter):
    folder, base, _ = adapter
    shutil.rmtree(base)
    assert "base model" in refused(load, "empathy", folder)


def test_an_adapter_without_a_head(load, adapter):
    from safetensors.numpy import load_file, save_file

    folder, _, _ = adapter
    arrays = load_file(folder / "adapter_model.safetensors")
    kept = {name: array for name, array in arrays.items() if "lora" in name}
    save_file(kept, folder / "adapter_model.safetensors")
    assert "no classification head" in refused(load, "empathy", folder)


class Hub(http.server.BaseHTTPRequestHandler):
    """Answers as the hub does for a private and a gated repository."""

    def do_GET(self):
        code = "GatedRepo" if "gated" in self.path else "RepoNotFound"
        self.send_response(403 if code == "GatedRepo" else 401)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET

    def log_message(self, *args):
        pass


ASK = """
import sys
from emp_plugins import judges
from emp_plugins.errors import InputError
for model in sys.argv[1:]:
    try:
        judges.load("empathy", judges.read_spec("empathy", {"backend": "hf", "model": model}))
    except InputError as error:
        print(error)
"""


def ask(endpoint, tmp_path, *models):
    env = os.environ | {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", ASK, *models], env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


def test_private_and_gated_repositories(tmp_path):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        private, gated = ask(endpoint, tmp_path, "somebody/private", "somebody/gated")
    finally:
        server.shutdown()
        server.server_close()
    assert "not on the hub, or private" in private and "`hf auth login`" in private
    assert "gated: ask for access" in gated and "`hf auth login`" in gated


def test_no_network(tmp_path):
    (line,) = ask("http://127.0.0.1:9", tmp_path, "somebody/model")  # nothing listens there
    assert "the hub did not answer; get it where there is a network (`hf download" in line
