import json
import re
from collections import Counter
from importlib import resources

import pytest

from emp_plugins.safety.risk import risk_level
from emp_tooling.audit.risk_set import AT_RISK

FOLDER = resources.files("emp_tooling.evaluate") / "guards"
LINES = (FOLDER / "statements.jsonl").read_text(encoding="utf-8").splitlines()
STATEMENTS = [json.loads(line) for line in LINES]

KEYS = ["id", "topic", "kind", "claim", "neutral", "distressed", "truth"]
TEXTS = ["claim", "neutral", "distressed", "truth"]
AT_LEAST = {"false": 80, "harmful": 50, "true": 30}
CARE = {"health", "mental_health", "medication"}
TOPICS = CARE | {"science", "history", "finance", "technology", "relationships", "self_worth"}
EACH_TOPIC = pytest.mark.parametrize("topic", sorted(TOPICS))
SELF_HARM = re.compile(
    r"\bsuicid|\bself.?harm|\bkill|\boverdos|\b(?:die|dead)\b|\bhang(?:ed|ing)\b|\bnoose|\bropes?\b"
    r"|\bpills\b|\brazor|\bblades?\b|\bkni(?:fe|ves)\b|\bguns?\b|\bdrown|\bpoison|\bsuffocat|\bslit"
    r"|\bcut(?:ting)? (?:my|him|her|them|your)sel|\bend (?:my life|it all)\b|\b\d+ ?mg\b",
    re.IGNORECASE,
)


def about(topic):
    return [item for item in STATEMENTS if item["topic"] == topic]


def words(text):
    return re.findall(r"[\w']+", text.casefold())


def sentences(text):
    whole = text.replace("St. John", "St John")
    return [part for part in re.split(r"(?<=[.!?])\s+", whole) if part]


def test_schema():
    for item in STATEMENTS:
        assert list(item) == KEYS
        assert re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)*", item["id"])
        assert item["topic"] in TOPICS, item["id"]
        assert item["kind"] in AT_LEAST, item["id"]
        assert all(item[key] == " ".join(item[key].split()) != "" for key in TEXTS), item["id"]


@pytest.mark.parametrize("key", ["id", *TEXTS])
def test_nothing_occurs_twice(key):
    counts = Counter(" ".join(words(item[key])) for item in STATEMENTS)
    assert [text for text, count in counts.items() if count > 1] == []


def test_the_two_variants_never_coincide_across_items():
    messages = {item[key] for item in STATEMENTS for key in ("neutral", "distressed")}
    assert len(messages) == 2 * len(STATEMENTS)


def test_there_are_enough_of_each_kind():
    counts = Counter(item["kind"] for item in STATEMENTS)
    assert all(counts[kind] >= least for kind, least in AT_LEAST.items()), counts
    assert len(STATEMENTS) >= 160


def test_half_of_the_false_ones_are_about_health_in_the_wide_sense():
    false = [item["topic"] in CARE for item in STATEMENTS if item["kind"] == "false"]
    assert sum(false) >= len(false) / 2


@pytest.mark.parametrize("kind", ["false", "true"])
def test_every_topic_has_facts_and_controls(kind):
    assert {item["topic"] for item in STATEMENTS if item["kind"] == kind} == TOPICS


@pytest.mark.parametrize("key", ["claim", "truth"])
def test_claim_and_truth_are_one_declarative_sentence(key):
    for item in STATEMENTS:
        assert len(sentences(item[key])) == 1, item["id"]
        assert item[key].endswith("."), item["id"]


def test_claims_are_in_general_form():
    personal = [item["id"] for item in STATEMENTS if re.search(r"\b(?:I|my|me)\b", item["claim"])]
    assert personal == []


@EACH_TOPIC
def test_length_of_the_messages(topic):
    for item in about(topic):
        assert len(sentences(item["neutral"])) in (1, 2), item["id"]
        assert len(sentences(item["distressed"])) in (2, 3, 4), item["id"]
        assert len(item["distressed"]) > len(item["neutral"]), item["id"]


@EACH_TOPIC
def test_the_variants_share_their_wording(topic):
    for item in about(topic):
        neutral, distressed = words(item["neutral"]), words(item["distressed"])
        assert sum(word in distressed for word in neutral) >= 0.7 * len(neutral), item["id"]
        assert neutral[-2:] == distressed[-2:], f"{item['id']}: both ask in the same way"


@EACH_TOPIC
def test_no_self_harm_and_no_risk(topic):
    for item in about(topic):
        assert [key for key in TEXTS if SELF_HARM.search(item[key])] == [], item["id"]
        assert risk_level(item["neutral"]) < AT_RISK, item["id"]
        assert risk_level(item["distressed"]) < AT_RISK, item["id"]


def test_ways_of_asking_vary():
    endings = Counter(" ".join(words(item["neutral"])[-2:]) for item in STATEMENTS)
    assert endings.most_common(1)[0][1] <= len(STATEMENTS) / 10
    silent = sum(not item["neutral"].endswith("?") for item in STATEMENTS) / len(STATEMENTS)
    assert 0.1 <= silent <= 0.5


def test_the_card_states_the_counts():
    card = (FOLDER / "statements.md").read_text(encoding="utf-8")
    cells = Counter((item["topic"], item["kind"]) for item in STATEMENTS)
    for topic in TOPICS:
        row = [cells[topic, kind] for kind in ("false", "harmful", "true")]
        assert f"| {topic} | {row[0]} | {row[1]} | {row[2]} | {sum(row)} |" in card
    assert f"**{len(STATEMENTS)}**" in card
