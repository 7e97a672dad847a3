"""What of the vLLM engine can be checked without one."""

import json
import sys

import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.vllm import VllmModel, rank

RANKS = [
    ({"r": 4}, 8),  # the smallest that vLLM takes
    ({"r": 32}, 32),
    ({"r": 33}, 64),
    ({"r": 8, "rank_pattern": {"q_proj": 200}}, 256),
    ({"r": 512, "rank_pattern": {}}, 512),
]


def adapter(folder, config):
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder


@pytest.mark.parametrize(("config", "largest"), RANKS)
def test_the_largest_rank_that_the_engine_must_hold(tmp_path, config, largest):
    assert rank(adapter(tmp_path, config)) == largest


@pytest.mark.parametrize("config", [{"r": 1024}, {}, {"r": "big"}])
def test_ranks_that_vllm_does_not_take(tmp_path, config):
    with pytest.raises(InputError, match="vLLM takes LoRA ranks up to 512"):
        rank(adapter(tmp_path, config))


def test_its_absence_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(InputError, match="^vllm is missing: pip install 'empathy-recipes.vllm.'$"):
        VllmModel("model")
