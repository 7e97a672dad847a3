"""What a language model reads for an order, and templates of users."""

import re
from dataclasses import replace
from string import Template

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen import bank as banks
from emp_datagen.personas import find
from emp_datagen.teachers import Order, Settings, prompts, words
from emp_plugins.affect.state import State, parse
from emp_plugins.errors import InputError

USER = {
    "diagnosis": "MDD",
    "severity": "Moderate",
    "age": "34",
    "gender": "woman",
    "occupation": "paramedic",
    "home": "lives with a partner",
}
STATE = State(USER, (-0.2, -0.4, -0.6), (-0.7, -0.1, -0.2, 0.0))
SAID = {"role": "user", "content": "I let the phone ring $5 times."}
ANSWER = {"role": "assistant", "content": "Picking up asked too much."}
THERAPIST = Order(
    role="therapist",
    persona="mdd",
    state=STATE,
    target="introspection",
    topic="the phone calls",
    risk=0,
    style="terse",
    split="train",
    seed="row-1",
    messages=(SAID,),
)
CLIENT = replace(
    THERAPIST, role="client", draft="I cannot get up. It is my own fault.", messages=()
)
SHIPPED = prompts.load(Settings())


def system(order, made=SHIPPED):
    first = made.write(order)[0]
    assert first["role"] == "system"
    return first["content"]


def test_the_therapist_reads_who_speaks_and_what_a_reply_is_made_of():
    text = system(replace(THERAPIST, therapist="warm_cbt_therapist", words=48))
    bank = banks.load_bank()
    persona = SHIPPED._persona("mdd")
    moves = bank.moves(0, False, "introspection", "warm_cbt_therapist")
    parts = re.findall(r"^- ([a-z ]+): (.+)$", text, re.MULTILINE)
    move = [name.replace(" ", "_") for name, _ in parts]
    assert move in [list(one) for one in moves]
    assert [told for _, told in parts] == [bank.strategies[name].instruction for name in move]
    for held in (
        "Major depressive disorder, Moderate. 34 years old, woman, paramedic",
        "strong sadness or emptiness, slight shame, disgust or rejection, slight anger",
        "getting worse",
        "It is about the phone calls.",
        "terse, a few short sentences",
        "About 48 words",
        "name no crisis line",
        bank.styles["warm_cbt_therapist"].instruction,
        *persona.goals,
        *persona.triggers,
        *persona.helps,
        *persona.backfires,
    ):
        assert held in text, held


def test_the_last_message_of_the_client_stands_under_its_state():
    order = replace(THERAPIST, messages=(SAID, ANSWER, {**SAID, "content": "Yes."}))
    messages = SHIPPED.write(order)
    assert messages[1:3] == [SAID, ANSWER]
    header, said = parse(messages[3]["content"])
    assert (header.diagnosis, header.affect, said) == ("MDD", STATE.affect, "Yes.")
    assert len(messages) == 4
    assert order.messages[2]["content"] == "Yes."  # the order is as it was


def test_rows_of_one_state_differ_in_build():
    texts = {system(replace(THERAPIST, seed=f"row-{number}")) for number in range(30)}
    assert 2 <= len(texts) <= len(banks.load_bank().moves(0, False, "introspection"))


@pytest.mark.parametrize("error", list(banks.load_bank().errors))
def test_a_clinical_error_has_its_own_template(error):
    text = system(replace(THERAPIST, error=error, words=60))
    entry = banks.load_bank().errors[error]
    assert f"The error: {error.replace('_', ' ')}" in text
    assert entry.definition in text
    assert entry.instruction in text
    assert entry.harm not in text  # a model that is told the harm holds back
    assert "988 in the US or the local" not in text  # nor the protocol of a good reply
    assert "About 60 words" in text


@pytest.mark.parametrize(
    ("risk", "held", "absent"),
    [
        (0, ["Do not ask about suicide", "none disclosed"], ["988", "right now"]),
        (1, ["hopelessness", "Nothing calls for a crisis line"], ["988"]),
        (2, ["Ask plainly about suicide", "988", "a person they trust"], ["right now"]),
        (3, ["Ask plainly about suicide", "988", "self-harm"], ["right now"]),
        (4, ["988", "right now", "not to be alone", "distance"], ["Do not ask about"]),
    ],
)
def test_the_risk_protocol(risk, held, absent):
    """What `emp_plugins.safety.judge_reply` looks for at each level, and no more."""
    for role in ("therapist", "revise"):
        text = system(replace(THERAPIST, role=role, risk=risk, draft="Hm.", critique="Cold."))
        stated = next(line for line in text.splitlines() if line.startswith("Risk:"))
        assert [part for part in held if part not in stated] == []
        assert [part for part in absent if part in stated] == []


def test_a_question_about_the_disorder_comes_with_what_is_known():
    fact = "Many people feel numb rather than tearful."
    text = system(replace(THERAPIST, fact=fact))
    assert f"to put in plain words: {fact}" in text
    assert "psychoeducation" in text
    assert "asks about the condition" not in system(THERAPIST)


def test_the_client_says_all_of_the_draft_in_the_first_person():
    messages = SHIPPED.write(replace(CLIENT, risk=3))
    text = messages[0]["content"]
    assert CLIENT.draft in text
    assert "It discloses a risk (level 3 of 4" in text
    assert "nothing about a method" not in system(CLIENT)
    assert "Nothing in it points to suicide" in system(CLIENT)
    assert [message["role"] for message in messages[1:]] == ["user"]
    assert "begin" in messages[1]["content"]


def test_roles_are_flipped_for_the_client():
    messages = SHIPPED.write(replace(CLIENT, messages=(SAID, ANSWER)))
    # A user message comes first: many chat templates refuse a conversation without.
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert [message["content"] for message in messages[2:]] == [SAID["content"], ANSWER["content"]]


@pytest.mark.parametrize("role", ["critique", "revise"])
def test_a_reply_is_looked_at_again(role):
    draft = "It is just a phase."
    order = replace(THERAPIST, role=role, draft=draft, critique="It makes it small.")
    messages = SHIPPED.write(order)
    assert draft in messages[0]["content"]
    assert ("It makes it small." in messages[0]["content"]) == (role == "revise")
    assert [m["role"] for m in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == draft


def test_a_critique_knows_the_error_where_one_is_named():
    order = replace(THERAPIST, role="critique", draft="It is just a phase.")
    entry = banks.load_bank().errors["minimising"]
    text = system(replace(order, error="minimising"))
    assert f"{entry.definition} {entry.harm}" in text
    assert "No clinical error is named" in system(order)


@pytest.mark.parametrize("role", ["client", "therapist", "critique", "revise"])
@pytest.mark.parametrize("persona", list(find()))
def test_every_prompt_is_whole_for_every_persona(persona, role):
    state = State()  # nothing is known yet
    order = replace(THERAPIST, role=role, persona=persona, state=state, draft="Hm.", critique="So?")
    for made in SHIPPED.write(order):
        text = made["content"]
        assert text == text.strip()
        assert not re.search(r"\$[a-z{]|None|\n\n\n|\{\}", text)


@given(
    st.sampled_from(["client", "therapist", "critique", "revise"]),
    st.text(),
    st.text(),
    st.integers(0, 4),
)
def test_what_is_said_cannot_become_a_placeholder(role, said, draft, risk):
    messages = ({"role": "user", "content": said},)
    order = replace(THERAPIST, role=role, draft=draft, messages=messages, risk=risk)
    made = SHIPPED.write(order)
    roles = [message["role"] for message in made[1:]]
    assert roles == [("user", "assistant")[place % 2] for place in range(len(roles))]
    assert any(message["content"].endswith(said) for message in made[1:])


def test_the_shipped_templates_use_names_and_names_are_all_filled():
    facts = SHIPPED._facts(THERAPIST)
    assert facts.keys() == prompts.NAMES.keys()
    used = {name for t in SHIPPED.templates.values() for name in t.get_identifiers()}
    assert used <= prompts.NAMES.keys()
    for needed in ("goals", "triggers", "state", "target", "strategies", "style", "definition"):
        assert needed in used
    # Safe messaging is in all of them.
    assert all("method" in t.template or "disclosure" in t.template for t in _all(SHIPPED))


def _all(made):
    return made.templates.values()


def test_a_template_of_the_user_replaces_the_package_s(tmp_path):
    (tmp_path / "therapist.md").write_text("Be kind about ${topic}, for $$5.\n", encoding="utf-8")
    made = prompts.load(Settings(prompts=tmp_path))
    assert system(THERAPIST, made) == "Be kind about the phone calls, for $5."
    assert system(CLIENT, made) == system(CLIENT)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            b"Hello.\nIt is about $topick.",
            r"therapist.md:2: \$topick: no such name; did you mean 't",
        ),
        (
            b"It is about ${patient}.",
            r"therapist.md:1: \$patient: no such name; allowed: age, back",
        ),
        (b"That is 5 $ or more.", r"therapist.md:1: a \$ without a name; write \$\$"),
        (b" \n", r"therapist.md: the template is empty"),
        (b"\xff", r"therapist.md: not UTF-8 at byte 0"),
    ],
)
def test_a_template_with_a_mistake(tmp_path, text, message):
    (tmp_path / "therapist.md").write_bytes(text)
    with pytest.raises(InputError, match=message) as caught:
        prompts.load(Settings(prompts=tmp_path))
    assert "\n" not in str(caught.value)


def test_a_folder_without_templates(tmp_path):
    for folder in (tmp_path, tmp_path / "absent"):
        with pytest.raises(InputError, match="no prompt templates in this folder; it may hold cl"):
            prompts.load(Settings(prompts=folder))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"persona": "mddd"}, "persona: 'mddd': no such persona; did you mean 'mdd'"),
        ({"error": "minimizing"}, "error: 'minimizing': no such error; did you mean 'minimising'"),
        ({"therapist": "warm"}, "style: 'warm': no such style"),
    ],
)
def test_an_order_for_what_does_not_exist(change, message):
    with pytest.raises(InputError, match=message):
        SHIPPED.write(replace(THERAPIST, **change))


def test_a_persona_of_the_user(tmp_path):
    shipped = find()["mdd"].read_text(encoding="utf-8")
    changed = re.sub(r"^title: .*$", "title: Winter blues", shipped, flags=re.MULTILINE)
    (tmp_path / "winter.yml").write_text(changed, encoding="utf-8")
    made = prompts.load(Settings(personas=tmp_path))
    assert "Winter blues, Moderate" in system(replace(THERAPIST, persona="winter"), made)


@pytest.mark.parametrize(
    ("axes", "text"),
    [
        ((0, 0, 0, 0), "not known"),
        ((0.05, -0.05, 0, 0), "even, nothing stands out"),
        ((-0.1, -0.3, -0.6, 0), "strong shame, disgust or rejection, clear anger or irritation, "),
        ((0.7, 0, 0, -0.35), "strong joy, clear fear or worry"),
    ],
)
def test_affect_in_words(axes, text):
    assert words.affect(State(affect=axes)).startswith(text)


def test_a_way_of_talking_that_a_user_made_up():
    assert "Way of talking: very polite" in system(replace(CLIENT, style="very_polite"))


def test_templates_are_plain_string_templates():
    assert all(isinstance(made, Template) for made in _all(SHIPPED))
