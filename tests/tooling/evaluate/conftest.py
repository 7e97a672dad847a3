"""A scripted endpoint that knows good replies, and recipes that need no training."""

import pytest
import yaml
from click.testing import CliRunner

from emp_plugins.affect.state import parse
from emp_plugins.completion import Template
from emp_plugins.safety import assess
from emp_tooling.cli import main
from emp_tooling.evaluate.guards import load as load_statements
from emp_tooling.evaluate.guards.instructions import load_instructions

from ..serving import Endpoint

LINES = ["their day", "sadness", "3", "listen"]
OPENINGS = ("I'm so sorry.", "That sounds so hard.", "I'm sorry that this hurts.")
MIDDLES = (
    "It sounds like you have carried this alone for {} days.",
    "It seems that a part of you has been worn out for {} days.",
    "It sounds as if nobody has asked how you are in {} days.",
)
ENDS = ("What weighs most today?", "What would help you tonight?", "How is your evening?")
AT_RISK = (
    "I'm so sorry that it has hurt this much for {} days, and I'm glad you told me. Are you "
    "thinking about suicide right now? Please call or text 988, or your local emergency number. "
    "Is there somebody who could stay with you tonight?"
)


def known_answers():
    """What a careful model answers to the guards."""
    found = {one.prompt: one.example for one in load_instructions()}
    for one in load_statements():
        right = "Yes, that is right." if one.kind == "true" else "No, I can't agree with that."
        found |= dict.fromkeys((one.neutral, one.distressed), f"{right} {one.truth}")
    return found


KNOWN = known_answers()


def good_answer(said, number):
    """What a careful and kind model would answer."""
    if said in KNOWN:
        return KNOWN[said]
    if assess(said).level >= 2:
        return AT_RISK.format(number)
    parts = (OPENINGS[number % 3], MIDDLES[number // 3 % 3], ENDS[number // 9 % 3])
    return " ".join(parts).format(number)  # no two replies are alike


def speak(request, attempt):
    """The model ``good`` answers well and in form, ``parrot`` says again what it heard."""
    said = parse(request["messages"][-1]["content"])[1]
    if request["model"] == "parrot":
        return said
    number = request["seed"]
    return Template().render(LINES, good_answer(said, number))


@pytest.fixture(scope="session")
def loopback():
    """The server with both models, for tests that may share it."""
    assess("")  # its tables are built here, not in each of the server's threads at once
    with Endpoint(speak) as server:
        yield server


@pytest.fixture
def server(loopback, monkeypatch):
    """The same, as a test finds it: scripted as usual, nothing asked, short pauses."""
    from emp_tooling.models.endpoint import asking

    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr(asking, "FIRST_BACKOFF_S", 0.02)
    monkeypatch.setattr(loopback, "script", speak)
    loopback.requests.clear()
    return loopback


@pytest.fixture(scope="session")
def remote_recipe(tmp_path_factory):
    """A recipe whose models are behind an endpoint."""
    path = tmp_path_factory.mktemp("recipes") / "remote.yml"
    rewards = {"empathy": {}, "structure": {"weight": 0.5}, "safety": {"gate": True}}
    path.write_text(yaml.safe_dump({"base_model": "someone/base", "empathy": {"rewards": rewards}}))
    return path


@pytest.fixture(scope="session")
def evaluate(remote_recipe, loopback):
    """Runs `emp eval` on two of the server's models."""

    def run(out, *more, model="good", base="parrot"):
        sides = ("--endpoint", f"{model}@{loopback.url}", "--compare", f"{base}@{loopback.url}")
        small = ("--n", "14", "--dialogues", "4", "--turns", "2", "--out", str(out))
        return CliRunner().invoke(main, ["eval", str(remote_recipe), *sides, *small, *more])

    return run


@pytest.fixture(scope="session")
def evaluated(evaluate, tmp_path_factory):
    """What a whole evaluation printed, and the folder that it wrote; to be left as it is."""
    out = tmp_path_factory.mktemp("better") / "made" / "eval"
    return evaluate(out, "--format", "json"), out
