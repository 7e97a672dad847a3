import re
from itertools import combinations

import pytest
import yaml

from emp_datagen import personas
from emp_plugins import judges
from emp_plugins.errors import InputError
from emp_plugins.rewards.client import read
from emp_plugins.safety import risk_level

ALL = personas.load()
SHIPPED = sorted(path.stem for path in personas.SHIPPED.glob("*.yml"))


@pytest.fixture
def data():
    return yaml.safe_load((personas.SHIPPED / "mdd.yml").read_text(encoding="utf-8"))


@pytest.fixture
def folder(tmp_path):
    def write(data, name="mine"):
        (tmp_path / f"{name}.yml").write_text(yaml.safe_dump(data), encoding="utf-8")
        return tmp_path

    return write


def keys(names, folder=None):
    return [persona.key for persona in personas.load(names, folder)]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["all"], SHIPPED),
        (["mdd,gad"], ["mdd", "gad"]),
        (["mdd", "gad", "mdd"], ["mdd", "gad"]),  # repeated option, each once
        (["MDD , gad"], ["mdd", "gad"]),
    ],
)
def test_names(names, expected):
    assert keys(names) == expected


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["mddd"], ["'mddd'", "did you mean 'mdd'?", "gad"]),
        ([","], ["none named"]),
    ],
)
def test_unknown_names(names, words):
    with pytest.raises(InputError) as error:
        personas.load(names)
    assert all(word in str(error.value) for word in words)


def test_own_folder_adds_and_replaces(data, folder):
    data["diagnosis"] = "Other"
    assert keys(["all"], folder(data)) == sorted([*SHIPPED, "mine"])
    assert personas.load(["mdd"], folder(data, "mdd"))[0].diagnosis == "Other"
    assert keys(["Mixed"], folder(data, "Mixed")) == ["Mixed"]


def copied(data):
    parts = data["situations"]
    parts["heldout"][0] = {**parts["train"][1], "text": parts["train"][1]["text"].upper()}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.update(symptom=["x"]), ["symptom: unknown key", "did you mean 'symptoms'?"]),
        (lambda d: d.pop("affect"), ["affect: field required"]),
        (lambda d: d["affect"].update(mean=[0, 0, 0, 2]), ["affect.mean.3"]),
        (lambda d: d["situations"]["dev"][2].update(topik="x"), ["dev.2.topik", "'topic'"]),
        (lambda d: d["situations"]["dev"][2].update(axis="anger"), ["situations.dev.2.axis"]),
        (
            lambda d: d["situations"]["dev"][2].update(needs="pilot"),
            ["situations.dev.2.needs", "'pilot'"],
        ),
        (lambda d: d["situations"].update(heldut=[]), ["heldut: unknown key", "'heldout'"]),
        (lambda d: d["situations"].pop("heldout"), ["situations.heldout: field required"]),
        (lambda d: d["situations"]["dev"].clear(), ["situations.dev"]),
        (lambda d: d.update(situations=d["situations"]["train"]), ["situations: "]),
        (copied, ["situations: ", "heldout.0: the same situation as train.1"]),
        (lambda d: d["risk"]["disclosures"].pop(4), ["risk", "level 4"]),
        (lambda d: d["risk"]["disclosures"][4].update(plane=[]), ["4.plane", "'plain'"]),
        (lambda d: d["symptoms"][0].update(herd="x"), ["symptoms.0.herd", "'heard'"]),
        (lambda d: d["facts"][0].pop("answer"), ["facts.0.answer"]),
        (lambda d: d["risk"].update(weights=[1, 0]), ["risk.weights"]),
        (lambda d: d["demographics"][0].update(age=[15, 20]), ["demographics.0", "age"]),
        (
            lambda d: d["communication"][0].update(sentences=[2, 9]),
            ["communication.0", "sentences"],
        ),
        (lambda d: d.update(key="x"), ["key"]),
    ],
)
def test_mistakes_name_file_and_key(data, folder, change, words):
    change(data)
    with pytest.raises(InputError) as error:
        personas.load(["mine"], folder(data))
    message = str(error.value)
    assert "mine.yml: " in message and "\n" not in message
    assert all(word in message for word in words)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "a: [1\n", "just words"])
def test_not_a_mapping(tmp_path, text):
    (tmp_path / "bad.yml").write_text(text)
    with pytest.raises(InputError, match=r"bad\.yml"):
        personas.load(["bad"], tmp_path)


def test_folder_without_personas(tmp_path):
    with pytest.raises(InputError, match="no persona files"):
        personas.load(["all"], tmp_path)


@pytest.mark.parametrize("persona", ALL, ids=lambda p: p.key)
class TestShipped:
    def test_is_rich_enough(self, persona):
        assert len(persona.situations_of("train")) >= 24
        assert all(len(persona.situations_of(split)) >= 8 for split in ("dev", "heldout"))
        assert set(persona.risk.disclosures) == {1, 2, 3, 4}

    def test_all_is_every_split(self, persona):
        parts = [persona.situations_of(split) for split in personas.SPLITS]
        assert persona.situations_of("all") == sum(parts, [])

    def test_training_meets_every_topic(self, persona):
        train = {s.topic for s in persona.situations_of("train")}
        assert {s.topic for s in persona.situations_of("all")} <= train

    def test_only_disclosures_disclose(self, persona):
        said = [s.text for s in (*persona.situations_of("all"), *persona.symptoms)]
        said += [t.text for t in persona.thoughts] + [f.ask for f in persona.facts]
        said += [x for c in persona.communication for x in (*c.openers, *c.closers)]
        assert {text: risk_level(text) for text in said if risk_level(text)} == {}

    def test_disclosures_are_read_as_risk(self, persona):
        for level, disclosures in persona.risk.disclosures.items():
            forms = list(disclosures)
            found = read(forms, judges.load("risk").score(forms))
            for form, risk in zip(forms, found, strict=True):
                seen = max(risk.level, risk_level(form))  # by one of the two readers
                assert (seen >= 2) == (level >= 2), form

    def test_risk_is_disclosed_in_all_forms_and_never_by_a_method(self, persona):
        for level, forms in persona.risk.disclosures.items():
            if level >= 2:
                assert forms.plain and forms.coded and forms.retracted
            assert not [form for form in forms if METHOD.search(form)]

    def test_replies_can_say_back_what_was_said(self, persona):
        items = (*persona.situations_of("all"), *persona.symptoms, *persona.thoughts)
        for item in items:
            assert re.search(r"\byou(r|rs|rself|'\w+)?\b", item.heard), item
            assert not re.search(r"\b(I|my|me|myself)\b", item.heard), item
            shared = word_set(item.text) & word_set(item.heard)
            assert len(shared) <= 0.6 * len(word_set(item.heard)) or len(shared) < 4, item

    def test_is_known_to_the_clinic(self, persona):
        assert len(persona.sources) >= 2 and len(persona.facts) >= 4
        assert all(re.fullmatch(r"[A-Z]\d\w(\.\w+)?", s.code) for s in persona.severities)
        styles = {talk.style for talk in persona.communication}
        assert {"terse", "rambling", "deflecting", "hostile"} <= styles


METHOD = re.compile(
    r"\b(pills?|overdos\w*|rope|noose|gun|knife|blades?|razor|bridge|tracks)\b", re.I
)


def word_set(text):
    return frozenset(re.findall(r"[a-z']+", text.lower()))


@pytest.mark.parametrize(("one", "other"), list(combinations(personas.SPLITS, 2)))
def test_no_situation_is_in_two_splits(one, other):
    """Nor one much like it: of any two, less than half of the words are the same."""
    sides = [{word_set(s.text) for p in ALL for s in p.situations_of(x)} for x in (one, other)]
    for a in sides[0]:
        for b in sides[1]:
            assert len(a & b) < len(a | b) / 2, (sorted(a), sorted(b))
