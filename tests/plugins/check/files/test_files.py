"""Models, templates and settings that a recipe names by their files."""

import pytest

HINT = "give the folder of a model, or its name on the hub: OWNER/MODEL"


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        ("base_model: ./model", "./model: no such folder", "did you mean models?"),
        ("base_model: build/tiny_stf", "no such folder", "did you mean build/tiny?"),
        ("base_model: /no/such/model", "no such folder", HINT),
        ("base_model: ~/model", "~ is not expanded here", "write the whole path"),
        ("tokenizer_config: ./none", "no such folder", HINT),
        ("lora_model_dir: outputs/none", "no such folder", HINT),
        ("resume_from_checkpoint: out/checkpoint-3", "no such checkpoint",
         "auto_resume_from_checkpoints: true finds the last one"),
        ("deepspeed: ds/zero2.json", "ds/zero2.json: no such file", "did you mean ds/zero3.json?"),
        ("deepspeed: none/z.json", "none/z.json: no such file",
         "`axolotl fetch deepspeed_configs` brings Axolotl's own"),
        ("deepspeed: ds/broken.json", "ds/broken.json:2:1: not JSON: Expecting", ""),
        ("deepspeed: ds/list.json", "ds/list.json: expected an object of settings", ""),
        ("deepspeed: ds/latin.json", "ds/latin.json: not UTF-8", "save it as UTF-8"),
        ("chat_template_jinja: chat.jinj", "chat.jinj: no such file", "did you mean chat.jinja?"),
    ],
)  # fmt: skip
def test_absent_and_broken(here, write, one, text, message, suggestion):
    (here / "models").mkdir()
    write("ds/zero3.json", "{}")
    write("ds/broken.json", "{\n")
    write("ds/list.json", "[]")
    write("ds/latin.json", b'{"a": "\xff"}')
    write("chat.jinja", "{{ messages }}")
    found = one("files", f"seed: 1\n{text}\n")
    assert (found.line, found.key, found.severity) == (2, text.split(":")[0], "error")
    assert message in found.message
    assert found.suggestion == suggestion


@pytest.mark.parametrize(
    "text",
    [
        "base_model: org/name",
        "base_model: gpt2",
        "base_model: models",
        "base_model:",  # the check of keys says that
        "deepspeed: ds/zero3.json",
        "deepspeed: {zero_optimization: {stage: 3}}",
        "chat_template_jinja: chat.jinja",
        'chat_template_jinja: "{% for m in messages %}{{ m.content }}{% endfor %}"',
        "resume_from_checkpoint: true",
    ],
)
def test_near_misses(here, write, findings, text):
    (here / "models").mkdir()
    write("ds/zero3.json", "{}")
    write("chat.jinja", "{{ messages }}")
    assert findings("files", text + "\n") == []


def test_the_template_of_a_dataset(one):
    found = one("files", "datasets:\n  - path: org/n\n    chat_template_jinja: none.jinja\n")
    assert (found.line, found.key) == (3, "datasets[0].chat_template_jinja")
