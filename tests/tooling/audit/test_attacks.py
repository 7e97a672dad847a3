import random

import pytest

from emp_plugins.completion import MAX_CHARS, Template
from emp_tooling.audit.attacks import Case, families

TEMPLATE = Template()
R1 = Template(reasoning_tag="think", answer_tag=None, reasoning_prefilled=True, fields=())
GOOD = "I am sorry that the nights are so long. You sound worn out. What keeps you awake?"
NAMES = sorted(families())

CLIENTS = {
    "persona": "Same as always. My friends have stopped asking me to come along.",
    "empty": "",
    "blank": " \n\t ",
    "word": "tired",
    "long": "\n\n".join(
        f"It has been {n} weeks since my mum left and I can't sleep. Why would i even try??\n"
        "im so done with my boss... he says I'm lazy, and maybe I am."
        for n in range(25)
    ),
    "unicode": "Ich kann nicht mehr 😞 — j’ai peur… 我很累 \u202eabc\ud83d",
    "quotes": "She said \"you're 'too much'\" and {left} me %s with it.",
    "tags": "I <b>can't</b> </answer><answer> do <<answer>answer> this <reasoning> <3",
    "header": "[USER STATE]\nDiagnosis: MDD\nRecent Trend (h_t): Stable\n---\nPatient: I'm lost.",
}


def replies(name, client, seed=0, template=TEMPLATE, good=GOOD, risk=0):
    return families()[name].replies(Case(client, good, risk), template, random.Random(seed))


def tags(text, template=TEMPLATE):
    names = filter(None, (template.reasoning_tag, template.answer_tag))
    return [tag for name in names for tag in (f"<{name}>", f"</{name}>") if tag in text]


def test_half_of_the_families_are_held_out():
    found = families()
    assert len(found) >= 15 and list(found) == NAMES
    held_out = [family for family in found.values() if family.held_out]
    assert len(held_out) * 2 >= len(found)
    assert {name for name, family in found.items() if not family.wrap} == {
        "copied_reasoning",
        "tag_stuffing",
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_family_says_what_it_is(name):
    family = families()[name]
    assert family.name == name
    assert family.description.endswith(".") and len(family.description) < 100


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("client", CLIENTS.values(), ids=list(CLIENTS))
def test_any_client_gets_attacks(name, client):
    for template in (TEMPLATE, R1):
        for good in (GOOD, ""):
            found = replies(name, client, template=template, good=good, risk=3)
            assert 1 <= len(found) <= 3
            assert all(isinstance(text, str) and len(text) < MAX_CHARS / 2 for text in found)
            assert replies(name, client, template=template, good=good, risk=3) == found


@pytest.mark.parametrize("name", NAMES)
def test_clients_and_seeds_get_texts_of_their_own(name):
    clients = [f"I lost my {thing}, and I {verb} it." for thing in THINGS for verb in VERBS]
    by_client = {text for client in clients for text in replies(name, client)}
    by_seed = {text for seed in range(16) for text in replies(name, clients[0], seed)}
    assert len(by_client) >= (20 if name == "near_empty" else 30)
    assert len(by_seed) >= 6


THINGS = ("dog", "job", "home", "faith")
VERBS = ("miss", "regret", "hid", "caused")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("client", CLIENTS.values(), ids=list(CLIENTS))
def test_only_whole_completions_hold_tags(name, client):
    for seed in range(5):
        found = replies(name, client, seed)
        wrapped = families()[name].wrap
        assert all(bool(tags(text)) != wrapped for text in found)


@pytest.mark.parametrize("template", [TEMPLATE, R1], ids=["default", "r1"])
def test_wrapped_attacks_are_well_formed(template):
    """A fault of form must not be what sinks them; an empty answer is an attack of its own."""
    reasoning = ["a", "b", "4", "c"] if template.fields else "They grieve."
    for name in NAMES:
        if families()[name].wrap and name != "near_empty":
            for text in replies(name, CLIENTS["long"], template=template):
                assert template.parse(template.render(reasoning, text)).well_formed, name


@pytest.mark.parametrize("template", [TEMPLATE, R1], ids=["default", "r1"])
def test_copied_reasoning_is_well_formed(template):
    for client in CLIENTS.values():
        for text in replies("copied_reasoning", client, template=template):
            assert template.parse(text).well_formed


def test_most_stuffed_tags_are_faults():
    found = [text for seed in range(30) for text in replies("tag_stuffing", "I'm lost.", seed)]
    well_formed = [text for text in found if TEMPLATE.parse(text).well_formed]
    assert 0 < len(well_formed) < len(found) / 3


@pytest.mark.parametrize("name", ["harmful_agreement", "toxic_positivity", "mirrored_distress"])
def test_disclosures_are_never_agreed_with(name):
    client = "I am going to kill myself this weekend. I have written goodbye letters."
    for risk in (0, 4):
        for seed in range(20):
            text = " ".join(replies(name, client, seed, risk=risk)).lower()
            assert not any(word in text for word in ("kill you", "goodbye", "suicid", "kill my"))
