"""From a recipe to its models."""

import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.open import open_base, open_model
from emp_tooling.models.sampling import Sampling

PROMPT = [{"role": "user", "content": "a b c d"}]
GREEDY = Sampling(max_new_tokens=6, temperature=0.0)


@pytest.fixture
def recipe(model_folder, adapter_folder):
    return {
        "base_model": str(model_folder),
        "output_dir": str(adapter_folder),
        "adapter": "lora",
        "trl": {"max_completion_length": 6, "temperature": 0},
    }


def test_an_adapter_and_its_base_share_their_weights(recipe):
    trained = open_model(recipe, "r.yml")
    base = open_base(recipe, "r.yml", trained=trained)
    alone = open_base(recipe, "r.yml")
    assert (trained.name, base.name) == (recipe["output_dir"], recipe["base_model"])
    assert base._model is trained._model
    assert base.reply([PROMPT]) == alone.reply([PROMPT]) != trained.reply([PROMPT])
    assert len(trained.reply([PROMPT])[0].split()) <= 6  # sampling is the recipe's


def test_two_full_models(recipe):
    full = {**recipe, "adapter": None, "output_dir": recipe["base_model"]}
    trained = open_model(full, "r.yml")
    base = open_base(full, "r.yml", trained=trained)
    assert base is not trained and not trained.has_adapter
    assert base.reply([PROMPT]) == trained.reply([PROMPT])


def test_a_full_model_in_the_place_of_an_adapter(recipe):
    merged = open_model(recipe, "r.yml", adapter=recipe["base_model"], sampling=GREEDY)
    assert not merged.has_adapter
    assert merged.reply([PROMPT]) == open_base(recipe, "r.yml").reply([PROMPT])


def test_an_adapter_for_another_base_is_not_loaded(recipe):
    with pytest.raises(InputError, match=f"made for {recipe['base_model']}, but base_model in r"):
        open_model({**recipe, "base_model": "Qwen/Qwen2.5-7B"}, "r.yml")


WRONG = [
    ({"base_model": None}, {}, "r.yml: base_model: expected a text, got nothing"),
    ({"output_dir": 3}, {}, "r.yml: output_dir: expected a text, got a number"),
    ({}, {"engine": "vlm"}, "engine: 'vlm': did you mean 'vllm'?"),
    ({}, {"endpoint": "m@http://127.0.0.1:1/v1", "adapter": "a"}, "an adapter or an endpoint, not"),
]


@pytest.mark.parametrize(("keys", "options", "line"), WRONG)
def test_what_cannot_be_opened(recipe, keys, options, line):
    with pytest.raises(InputError) as caught:
        open_model({**recipe, **keys}, "r.yml", **options)
    assert line in str(caught.value)


def test_an_endpoint_needs_no_weights(recipe):
    recipe = {**recipe, "output_dir": "nowhere"}
    for opened in (open_model, open_base):
        model = opened(recipe, "r.yml", endpoint="m@http://127.0.0.1:1/v1")
        assert model.name == "m@http://127.0.0.1:1/v1"


def test_vllm_is_asked_for_where_it_is_missing(recipe):
    with pytest.raises(InputError, match=r"pip install 'empathy-recipes\[vllm\]'"):
        open_model(recipe, "r.yml", engine="vllm")
