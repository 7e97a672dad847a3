"""Conversations that the hub may not give to everybody."""

import pytest

from emp_plugins.check.wassa import WASSA, check_wassa
from emp_plugins.errors import InputError


def test_names_the_fallback(monkeypatch):
    """Offline and not cached, as for whoever has no access."""
    import datasets

    def refused(path):
        raise ConnectionError("offline")

    monkeypatch.setattr(datasets, "load_dataset_builder", refused)
    with pytest.raises(InputError, match=r"may be private.*emp-datagen prompts"):
        check_wassa({"datasets": [{"path": WASSA}]})
    check_wassa({"datasets": [{"path": "data/prompts.jsonl"}]})
