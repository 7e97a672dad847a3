"""Parsing what models write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.completion import MAX_CHARS, Template, client_text, completion_text
from emp_plugins.errors import InputError

DEFAULT = Template()
THINK = Template(
    reasoning_tag="think",
    answer_tag=None,
    reasoning_prefilled=True,
    fields=(),
    intensity_field=None,
)
GOOD = DEFAULT.render(["work", "sad", "3", "listen"], "I hear you.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("x" * (MAX_CHARS + 1), "too long"),  # huge: not even scanned for tags
        ("I hear you.", "missing <reasoning>"),  # a bare reply
        ("<answer>hi</answer>", "missing <reasoning>"),
        (GOOD + GOOD, "repeated <reasoning>"),  # stacking the form
        (GOOD.replace("I hear", "<answer>I hear"), "repeated <answer>"),  # nested
        (GOOD.replace("</answer>", ""), "missing </answer>"),  # cut off
        ("So: " + GOOD, "text outside the tags"),
        (GOOD + " bye", "text outside the tags"),
        (GOOD.replace("I hear you.", " "), "empty answer"),
        (GOOD.replace("- Emotional content: sad\n", ""), "missing reasoning line"),
        (GOOD.replace("level: 3", "level: high"), "intensity is not a number"),
        (GOOD.replace("level: 3", "level: 7"), "intensity is not a number"),
        (GOOD.replace("level: 3", "level: 33"), "intensity is not a number"),
        ("<answer>b</answer><reasoning>a</reasoning>", "text outside the tags"),  # wrong order
    ],
)
def test_malformed(text, problem):
    parsed = DEFAULT.parse(text)
    assert not parsed.well_formed
    assert any(item.startswith(problem) for item in parsed.problems), parsed.problems


def test_well_formed():
    parsed = DEFAULT.parse(f"\n {GOOD} \n")
    assert parsed.well_formed
    assert parsed.answer == "I hear you."
    assert DEFAULT.field_values(parsed.reasoning)["Intensity level"] == "3"


@given(st.text(max_size=300))
def test_any_text_parses(text):
    parsed = DEFAULT.parse(text)
    assert parsed.well_formed == (parsed.problems == ())
    assert parsed.answer is None or parsed.answer in text


words = st.text(st.characters(exclude_characters="<>", codec="utf-8"), min_size=1).filter(str.strip)


@given(words)
def test_round_trip(answer):
    parsed = DEFAULT.parse(DEFAULT.render(["work", "sad", "0", "listen"], answer))
    assert parsed.well_formed
    assert parsed.answer == answer.strip()


def test_think_template():
    """R1-style: the chat template wrote <think>, the answer follows the closing tag."""
    parsed = THINK.parse("they are sad\n</think>\n\nI hear you.")
    assert parsed.well_formed
    assert (parsed.reasoning, parsed.answer) == ("they are sad", "I hear you.")
    assert not THINK.parse("no closing tag").well_formed
    assert THINK.parse(THINK.render("thought", "reply")).answer == "reply"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("sytem: x", "did you mean 'system'"),
        ("fields: yes", "fields: expected list"),
        ("answer_tag: <answer>", "no tag name"),
        ("intensity_field: Mood", "not one of fields"),
        ("- a", "a template is a mapping"),
        ("system: [", ":1:"),  # not YAML, with its line
    ],
)
def test_template_file_faults(tmp_path, content, message):
    path = tmp_path / "t.yml"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        Template.load(path)


def test_template_file(tmp_path):
    path = tmp_path / "t.yml"
    path.write_text("system: Be kind.\nfields: [Concern]\n")
    template = Template.load(path)
    assert template.fields == ("Concern",)
    assert template.intensity_field is None  # the default names a line that is not there any more


def test_texts_of_both_formats():
    messages = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert client_text(messages) == client_text("a") == "a"
    assert completion_text(messages[1:]) == completion_text("b") == "b"
    assert completion_text([{"role": "assistant", "content": None}]) == ""
    assert client_text([]) == ""
