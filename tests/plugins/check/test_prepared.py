"""Prepared data is found again by its content."""

from emp_plugins.check.prepared import pin_prepared_path

ROW = '{"prompt": [{"role": "user", "content": "I failed."}]}\n'


def entry(path, kind="emp_plugins.prompts"):
    return {"datasets": [{"path": str(path), "type": kind}]}


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


def test_a_folder_counts_with_all_its_files(tmp_path):
    folder = tmp_path / "rows"
    folder.mkdir()
    (folder / "a.jsonl").write_text(ROW)

    def pinned():
        cfg = entry(folder)
        pin_prepared_path(cfg)
        return cfg["dataset_prepared_path"]

    before = pinned()
    (folder / "b.jsonl").write_text(ROW)
    assert pinned() != before


def test_prepared_path_of_hub_data_is_left_alone():
    cfg = {"datasets": [{"path": "org/data"}], "base_model": "org/model"}
    pin_prepared_path(cfg)
    assert "dataset_prepared_path" not in cfg
