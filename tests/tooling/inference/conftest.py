"""A recipe around a random model, and one whose replies a test scripts."""

import json

import pytest
import yaml

from emp_plugins.affect.state import State, render
from emp_tooling.inference import EmpathyInference
from emp_tooling.models.endpoint import EndpointModel

RECIPE = {
    "rl": "grpo",
    "trl": {"max_completion_length": 12, "temperature": 0},
    "empathy": {"rewards": {"safety": {"locale": "en-GB"}, "structure": {}}},
}


@pytest.fixture
def recipe(tmp_path, tiny_folder):
    """Writes a recipe; ``header`` is the style of the state headers in its data."""

    def write(header="short", **keys):
        data = tmp_path / "prompts.jsonl"
        said = "I failed." if header is None else render(State(), "I failed.", header)
        data.write_text(json.dumps({"prompt": [{"role": "user", "content": said}]}) + "\n")
        content = {
            "base_model": str(tiny_folder),
            "output_dir": str(tiny_folder),
            "datasets": [{"path": str(data), "type": "emp_plugins.prompts"}],
            **RECIPE,
            **keys,
        }
        path = tmp_path / "recipe.yml"
        path.write_text(yaml.safe_dump({k: v for k, v in content.items() if v is not None}))
        return path

    return write


@pytest.fixture
def listener(recipe, endpoint):
    """An inference whose model replies what the endpoint's script says."""

    def make(script, header="short", user=None, locale=None, **keys):
        endpoint.script = script if callable(script) else lambda request, attempt: script
        model = EndpointModel.at(f"m@{endpoint.url}")
        return EmpathyInference(recipe(header, **keys), user=user, locale=locale, model=model)

    return make
