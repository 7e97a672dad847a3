"""What is found in a recipe before anything loads."""

import pytest

from emp_plugins.check.paths import WASSA, check_base_model, check_dataset_files, check_wassa
from emp_plugins.check.prepared import pin_prepared_path
from emp_plugins.errors import InputError

ROW = '{"prompt": [{"role": "user", "content": "I failed."}]}\n'


@pytest.mark.parametrize(
    ("base", "missing"),
    [
        ("build/tiny_sft", True),  # looks like a hub id and is none
        ("./model", True),
        ("/no/such/model", True),
        ("Qwen/Qwen2.5-1.5B-Instruct", False),
        ("gpt2", False),
        ("", False),  # Axolotl says that itself
    ],
)
def test_base_model(base, missing, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if not missing:
        return check_base_model({"base_model": base})
    with pytest.raises(InputError, match="no such folder"):
        check_base_model({"base_model": base})


def entry(path, kind="emp_plugins.prompts"):
    return {"datasets": [{"path": str(path), "type": kind}]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such file"),
        (b"", "the file is empty"),
        (ROW.encode() + b"{\n", r"rows\.jsonl:2: not JSON"),
        (b"\xff\n", r"rows\.jsonl:1: not UTF-8"),
        (b"[]\n", r"rows\.jsonl:1: expected an object"),
        (b"{}\n", r"rows\.jsonl:1: prompt: "),
        (b'{"prompt": [{"role": "user"}]}\n', "a message needs role and content"),
        (b'{"prompt": " "}\n', r"rows\.jsonl:1: prompt: "),
    ],
)
def test_dataset_faults(tmp_path, content, message):
    path = tmp_path / "rows.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        check_dataset_files(entry(path))


def test_dataset_of_another_type_may_hold_anything(tmp_path):
    path = tmp_path / "rows.jsonl"
    path.write_text('{"messages": []}\n')
    check_dataset_files(entry(path, "chat_template"))
    check_dataset_files({})


def test_wassa_names_the_fallback(tmp_path, monkeypatch):
    """Offline and not cached, as for whoever has no access."""
    import datasets

    def refused(path):
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset_builder", refused)
    with pytest.raises(InputError, match=r"may be private.*emp-datagen prompts"):
        check_wassa({"datasets": [{"path": WASSA}]})
    check_wassa({"datasets": [{"path": "data/prompts.jsonl"}]})


def test_prepared_path_follows_the_content(tmp_path):
    path = tmp_path / "rows.jsonl"

    def pinned(text, **keys):
        path.write_text(text)
        cfg = {**entry(path), **keys}
        pin_prepared_path(cfg)
        once = cfg["dataset_prepared_path"]
        pin_prepared_path(cfg)  # Ray registers again on the dumped configuration
        assert cfg["dataset_prepared_path"] == once
        return once

    assert pinned(ROW) == pinned(ROW) != pinned(ROW * 2)
    assert pinned(ROW, dataset_prepared_path="build/p").startswith("build/p/content-")


def test_prepared_path_of_hub_data_is_left_alone():
    cfg = {"datasets": [{"path": "org/data"}], "base_model": "org/model"}
    pin_prepared_path(cfg)
    assert "dataset_prepared_path" not in cfg
