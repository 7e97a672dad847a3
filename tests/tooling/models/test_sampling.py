import pytest

from emp_plugins.errors import InputError
from emp_tooling.models.sampling import Sampling


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


@pytest.mark.parametrize(
    ("sampling", "fields"),
    [
        (Sampling(), {"max_tokens": 256, "temperature": 1.0}),  # nothing that OpenAI refuses
        (
            Sampling(64, 0.0, 0.9, 20, 0.1, 1.1),
            {"max_tokens": 64, "temperature": 0.0, "top_p": 0.9}
            | {"top_k": 20, "min_p": 0.1, "repetition_penalty": 1.1},
        ),
    ],
)
def test_fields_of_a_request(sampling, fields):
    assert sampling.for_endpoint() == fields


def test_every_token_that_ends_a_turn_ends_the_reply(model_folder):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model_folder)
    model = AutoModelForCausalLM.from_pretrained(model_folder)
    model.generation_config.eos_token_id = [7, 9]
    assert Sampling().for_transformers(tokenizer, model).eos_token_id == [2, 7, 9]
    model.generation_config.eos_token_id = None
    assert Sampling().for_transformers(tokenizer, model).eos_token_id == [2]
