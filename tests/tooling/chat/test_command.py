"""``emp chat`` as it is called."""

import pytest
from click.testing import CliRunner

from emp_tooling.cli import main

SAD = "a b c I feel so sad and alone d"


@pytest.fixture
def tiny_recipe(model_folder, adapter_folder, tmp_path):
    path = tmp_path / "recipe.yml"
    path.write_text(
        f"base_model: {model_folder}\noutput_dir: {adapter_folder}\nadapter: lora\n"
        "trl: {max_completion_length: 6, temperature: 0}\n"
        "empathy: {rewards: {structure: {}, safety: {}}}\n"
    )
    return path


def chat(*arguments, said=""):
    return CliRunner().invoke(main, ["chat", *map(str, arguments)], input=said)


@pytest.mark.parametrize("model_folder", ["llama"], indirect=True)
def test_a_local_model_with_its_adapter(tiny_recipe, model_folder, adapter_folder):
    said = f"{SAD}\n/mood\n/quit\n"
    trained = chat(tiny_recipe, said=said)
    assert trained.exit_code == 0, trained.output
    assert "not a medical device" in trained.output and "(not in the shape" in trained.output
    assert "depression" in trained.output
    # The weights are those of the recipe's output_dir; a merged model may be given in their place.
    named = chat(tiny_recipe, "--adapter", adapter_folder, said=said)
    base = chat(tiny_recipe, "--adapter", model_folder, said=said)
    assert reply_of(trained) == reply_of(named) != reply_of(base)
    short = chat(tiny_recipe, "--max-new-tokens", 2, said=said)
    assert len(reply_of(short)) <= 2 < len(reply_of(trained))


def reply_of(result):
    """The words of the reply: what stands between the prompt and the first note."""
    return result.output.split("you ›")[1].split("(")[0].split()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--user", "diagnos=MDD"], "--user diagnos: did you mean 'diagnosis'"),
        (["--locale", "en-XX"], "'en-XX': no resources; did you mean 'en-"),
        (["--load", "none.jsonl"], "none.jsonl: no such file"),
        (["--adapter", "none"], "none"),
        (["--endpoint", "no-url"], "expected MODEL@URL"),
        (["--web", "--host", "192.0.2.1", "--port", "0"], "192.0.2.1:0: "),
    ],
)
def test_mistakes_are_one_line(chat_recipe, arguments, told):
    result = chat(chat_recipe, *arguments)
    assert result.exit_code == 2, result.output
    last = result.output.splitlines()[-1]
    assert last.startswith("Error: ") and told in last


@pytest.mark.parametrize("value", ["nan", "inf", "-1"])
def test_a_temperature_is_a_number_from_0(chat_recipe, value):
    result = chat(chat_recipe, "--temperature", value)
    assert result.exit_code == 2 and "Invalid value for '--temperature'" in result.output


def test_a_half_written_transcript_is_counted(chat_recipe, tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text('{"role": "user", "content": "a"}\n{"role": "assistant", "content": "b"}\n{"ro')
    endpoint = ("--endpoint", "tiny@http://127.0.0.1:9/v1")
    result = chat(chat_recipe, *endpoint, "--load", path, said="/mood\n")
    assert result.exit_code == 0, result.output
    assert "1 half-written line skipped" in result.output and "1 turn loaded" in result.output
