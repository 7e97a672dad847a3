"""The page and the model card of an evaluation."""

import json

import pytest
import yaml
from huggingface_hub import ModelCard

from emp_tooling.evaluate.card import card, license_of

from ..pages.looks import look


@pytest.fixture
def out(evaluated):
    return evaluated[1]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_page_looks_right(out, browser, width, dark):
    seen = look(browser, out / "report.html", width=width, dark=dark, name="eval")
    assert seen.errors == [] and not seen.overflow and seen.overlaps == []


def test_the_page_says_what_was_found_in_words(out):
    page = (out / "report.html").read_text()
    for words in ("What decides", "Simulated clients", "Replies side by side", "win rate"):
        assert words in page
    assert page.count("<article") == 6 and page.count("<figure") == 6
    assert "http" not in page.replace("http://127.0.0.1", "").replace("http://www.w3.org", "")


def test_the_model_card_is_one_the_hub_reads(out):
    card = ModelCard((out / "MODEL_CARD.md").read_text())
    assert card.data.base_model == "someone/base" and card.data.license == "unknown"
    assert card.data.library_name == "transformers" and "empathy" in card.data.tags
    named = {one.metric_type: one.metric_value for one in card.data.eval_results}
    assert named["well_formed"] == 1.0 and named["win_rate"] == 1.0
    for words in ("988", "not a medical device", "Agreement with false or harmful", "emp eval"):
        assert words in card.text
    assert "$" not in card.text


@pytest.mark.parametrize(
    ("readme", "license_", "why"),
    [
        ("---\nlicense: apache-2.0\n---\n# Base", "apache-2.0", "the base's own card says so"),
        ("---\nlicense: [a]\n---\n", "unknown", "not one license"),
        ("---\n: [\n---\n", "unknown", "no YAML"),
        ("# Base", "unknown", "no front matter"),
        (None, "unknown", "no card"),
    ],
)
def test_the_license_is_the_bases(tmp_path, readme, license_, why):
    if readme is not None:
        (tmp_path / "README.md").write_text(readme)
    assert license_of(str(tmp_path)) == license_, why


def test_text_of_a_recipe_cannot_break_the_front_matter(out):
    text = (out / "MODEL_CARD.md").read_text()
    front = yaml.safe_load(text.split("---\n")[1])
    assert set(front) >= {"base_model", "license", "tags", "library_name", "model-index"}


def test_the_command_of_the_card_does_the_same_again(out):
    text = (out / "MODEL_CARD.md").read_text()
    (command,) = [line for line in text.splitlines() if line.startswith("emp eval ")]
    for option in ("--endpoint good@http", "--compare parrot@http", "--n 14", "--dialogues 4"):
        assert option in command


def test_a_base_in_a_folder_is_no_name_on_the_hub(evaluated, tmp_path):
    content = {**json.loads(evaluated[0].stdout), "base_model": str(tmp_path)}
    front = yaml.safe_load(card(content, {"output_dir": "runs/mine"}).split("---\n")[1])
    assert "base_model" not in front  # the hub refuses a card with such a name
