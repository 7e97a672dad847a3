"""Text that is a number counts as that number, as under Axolotl."""

import pytest

from emp_tooling.train.unsloth.mapping import plan
from emp_tooling.train.unsloth.values import as_read


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("weight_decay", "1e-3", 0.001),
        ("lora_r", "8", 8),
        ("load_in_4bit", "no", False),
        ("bf16", "auto", "auto"),  # a word of its own
        ("bf16", "true", True),
        ("wandb_name", "7", "7"),  # may be any text
        ("learning_rate", "5e-6", "5e-6"),  # the same; the mapping reads it
        ("lora_r", "eight", "eight"),  # for the check of keys to say
        ("no_such_key", "7", "7"),
        ("trl", {"reward_weights": ["1e-1", 2]}, {"reward_weights": [0.1, 2]}),
        ("trl", ["beta"], ["beta"]),
    ],
)
def test_as_read(key, value, expected):
    found = as_read({key: value})[key]
    assert (found, type(found)) == (expected, type(expected))


def test_text_counts_as_the_number_that_axolotl_reads(recipe):
    """YAML makes text of 1e-3; and four times "4" is not "4444"."""
    said = {"weight_decay": "1e-3", "micro_batch_size": "4", "gradient_accumulation_steps": "4"}
    block = {"max_completion_length": "64", "epsilon": "2e-1", "reward_weights": ["1e-1"]}
    found = plan(recipe("grpo", lora_r="8", output_dir="4", trl=block, **said))
    assert found.schedule.batch == 16 and found.adapter["r"] == 8
    expected = {"weight_decay": 0.001, "epsilon": 0.2, "max_completion_length": 64}
    assert found.trainer.items() >= (expected | {"output_dir": "4"}).items()
    assert found.recipe["trl"]["reward_weights"] == [0.1]
    assert plan(recipe(load_in_4bit="no")).model["load_in_4bit"] is False
