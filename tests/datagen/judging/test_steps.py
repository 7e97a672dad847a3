"""The distilabel steps: in this process, and in a user's own pipeline."""

import logging
import signal
import subprocess
import sys

import pytest

from emp_datagen.client import target_axis
from emp_datagen.jsonl import schema
from emp_datagen.judging.clinical import ClinicalJudge, Item
from emp_datagen.teachers import quiet_import
from emp_plugins.affect.state import State, parse
from emp_plugins.errors import InputError

with quiet_import():
    from distilabel.models.llms.base import LLM
    from distilabel.models.llms.utils import prepare_output
    from distilabel.pipeline import Pipeline
    from distilabel.steps import GroupColumns, LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    from emp_datagen.judging.steps import AffectiveStateStep, ClinicalPreferenceStep, JudgeStep

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # distilabel's own

SAD = "My dog died on Monday and I can't stop crying."
GOOD = "I am so sorry about your dog. It sounds like he was family. What do you miss the most?"
BAD = "It is only a dog. You should get a new one now and move on with your life."


@pytest.fixture(autouse=True)
def tidy():
    """A pipeline leaves its log handlers and its handler of ctrl-c in the process."""
    root, held = logging.getLogger(), signal.getsignal(signal.SIGINT)
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:], root.level = handlers, level
    signal.signal(signal.SIGINT, held)


def turns(*texts):
    roles = ("user", "assistant") * len(texts)
    return [{"role": r, "content": t} for r, t in zip(roles, texts, strict=False)]


def state_of(row, **params):
    return next(AffectiveStateStep(**params).process([row]))[0]


def test_the_state_is_that_of_the_row_and_of_the_header():
    row = state_of({"prompt": SAD, "user": {"diagnosis": "Grief"}, "history": [0.2, -0.1]})
    state = State.from_row(row["state"])
    assert row["dropped"] is None
    assert state.user["diagnosis"] == "Grief"
    assert state.history == (0.2, -0.1, row["polarity"])
    assert row["target"] == target_axis(state) == "introspection"
    head, message = parse(row["header"])
    assert (head.diagnosis, head.affect, message) == ("Grief", state.affect, SAD)


def test_earlier_turns_are_read_where_no_history_is_given():
    prompt = turns("I want to die.", "I hear you.", "I am fine now, thank you so much!")
    row = state_of({"prompt": prompt})
    alone = state_of({"prompt": prompt[0]["content"]})
    assert row["state"]["history"] == [alone["polarity"], row["polarity"]]
    assert row["polarity"] > alone["polarity"]
    assert row["risk"] == alone["risk"] >= 2, "risk once disclosed stays"
    assert row["header"][:2] == prompt[:2]
    assert parse(row["header"][2]["content"])[1] == prompt[2]["content"]


def test_a_header_that_is_there_is_replaced_not_doubled():
    once = state_of({"prompt": SAD, "user": {"diagnosis": "Grief"}}, style="short")
    again = state_of({"prompt": once["header"], "user": {"diagnosis": "Grief"}}, style="short")
    assert once["header"].startswith("[STATE: Grief")
    assert again["header"] == once["header"]
    assert again["state"] == once["state"]


def test_scores_are_those_of_the_judge():
    state = state_of({"prompt": SAD})
    row = next(JudgeStep().process([{**state, "generations": [GOOD, BAD]}]))[0]
    items = [
        Item(turns(SAD), t, state["risk"], State.from_row(state["state"])) for t in (GOOD, BAD)
    ]
    assert row["scores"] == [judged.to_row() for judged in ClinicalJudge().score(items)]
    assert {*row["scores"][0]} == {*schema("pair")["$defs"]["judged"]["required"]}


@pytest.mark.parametrize(
    ("given", "scored"),
    [
        ({"generations": [GOOD, BAD]}, [True, True]),
        ({"generation": [GOOD, BAD]}, [True, True]),  # group_generations
        ({"generation": GOOD}, [True]),  # one generation
        ({"generations": [GOOD, None, " "]}, [True, False, False]),  # an LLM that gave up
    ],
)
def test_replies_come_as_text_generation_writes_them(given, scored):
    row = next(JudgeStep().process([{"prompt": SAD, **given}]))[0]
    assert [score is not None for score in row["scores"]] == scored


def test_a_rewards_block_replaces_the_default():
    step = JudgeStep(rewards={"socratic": {"weight": 1.0}})
    row = next(step.process([{"prompt": SAD, "generations": [GOOD]}]))[0]
    assert list(row["scores"][0]["rewards"]) == ["socratic"]


def test_a_mistake_in_the_block_fails_when_the_step_is_loaded():
    with pytest.raises(InputError, match="did you mean 'socratic'"):
        JudgeStep(rewards={"socratc": {"weight": 1.0}}).load()


GOOD_ROW = {"prompt": SAD, "generations": [GOOD, BAD], "errors": ["", "dismissal"]}


@pytest.mark.parametrize(
    ("change", "dropped"),
    [
        ({}, None),
        ({"prompt": 7}, "prompt: expected text or a list of chat messages"),
        ({"prompt": [{"role": "user"}]}, "prompt: expected text or a list of chat messages"),
        ({"prompt": turns(SAD, GOOD)}, "prompt: expected the client's message at its end"),
        ({"prompt": " "}, "prompt: expected the client's message at its end"),
        ({"user": "MDD"}, "state: user: expected a mapping, got str"),
        ({"generations": []}, "generations: expected a list of replies"),
        ({"generations": [GOOD, 7]}, "generations: expected text in every place"),
        ({"generations": None}, "generation: expected a list of replies"),
        ({"errors": None}, "errors: missing; select: label needs the error of each reply"),
        ({"errors": [""]}, "errors: expected one for each of the 2 replies"),
        ({"errors": ["", None]}, "errors: expected a good reply and one with an error"),
        ({"errors": ["dismissal", ""]}, "disagree"),  # the judges prefer the reply in error
        ({"dropped": "seen before"}, "seen before"),
    ],
)
def test_a_row_that_fails_says_so_and_the_others_go_on(change, dropped):
    rows = [GOOD_ROW, {**GOOD_ROW, **change}, GOOD_ROW]
    for step in (AffectiveStateStep(), JudgeStep(), ClinicalPreferenceStep()):
        rows = next(step.process(rows))
    assert [row["dropped"] for row in rows] == [None, dropped, None]
    assert rows[0]["chosen"] == GOOD and rows[0]["rejected"] == BAD
    assert rows[0]["error"] == "dismissal"
    assert rows[0] == rows[2]
    assert (rows[1]["chosen"] is None) == (dropped is not None)


def test_a_judge_that_fails_on_one_row_drops_that_row_without_quoting_it():
    class Picky:
        def score(self, items):
            if any(item.reply == BAD for item in items):
                raise RuntimeError(f"cannot score {BAD}")
            return ClinicalJudge().score(items)

    step = JudgeStep()
    step.load()
    step._judge = Picky()
    rows = [{"prompt": SAD, "generations": [text]} for text in (GOOD, BAD, GOOD)]
    made = next(step.process(rows))
    assert [row["dropped"] for row in made] == [None, "failed: RuntimeError", None]
    assert [row["scores"] is None for row in made] == [False, True, False]


def test_by_judge_the_best_allowed_reply_stands_against_the_worst():
    row = {"prompt": SAD, "generations": [BAD, None, GOOD]}
    scored = next(JudgeStep().process([row]))
    made = next(ClinicalPreferenceStep(select="judge").process(scored))[0]
    assert (made["chosen"], made["rejected"], made["error"]) == (GOOD, BAD, None)
    totals = [score and score["total"] for score in made["scores"]]
    assert made["margin"] == pytest.approx(totals[2] - totals[0], abs=1e-3)
    strict = ClinicalPreferenceStep(select="judge", min_margin=1.9)
    assert next(strict.process(scored))[0]["dropped"] == "margin"


def test_importing_the_steps_leaves_the_traceback_hook():
    """distilabel's prints local variables: what clients said."""
    code = (
        "import sys; from emp_datagen.teachers import quiet_import\n"
        "with quiet_import(): import emp_datagen.judging.steps\n"
        "assert sys.excepthook is sys.__excepthook__"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


WARM = "You are a warm CBT therapist."
DIRECT = "You are a direct, clinical psychiatrist."


class Fixed(LLM):
    """An LLM with one answer to each system prompt, and none from the psychiatrist on exams."""

    @property
    def model_name(self):
        return "fixed"

    def generate(self, inputs, num_generations=1):
        return [prepare_output([self.reply(*messages)] * num_generations) for messages in inputs]

    def reply(self, system, asked):
        if system["content"] == WARM:
            return GOOD
        return None if "exam" in asked["content"] else BAD


def test_in_a_pipeline(tmp_path):
    """Two ways of answering, as two tasks with a system prompt each, and the three steps."""
    rows = [
        {"prompt": SAD, "user": {"diagnosis": "Grief"}},
        {"prompt": "I failed my exam.", "user": {"diagnosis": "GAD"}},
        {"prompt": "My dog is gone and I miss her.", "user": {"diagnosis": "MDD"}},
    ]
    with Pipeline(name="steps", cache_dir=tmp_path) as pipeline:
        load, state, judge = LoadDataFromDicts(data=rows), AffectiveStateStep(), JudgeStep()
        replies = [
            TextGeneration(
                llm=Fixed(), system_prompt=system, input_mappings={"instruction": "header"}
            )
            for system in (DIRECT, WARM)
        ]
        group = GroupColumns(columns=["generation"], output_columns=["generations"])
        pair = ClinicalPreferenceStep(name="pair", select="judge", min_margin=1.9)
        load >> state >> replies >> group >> judge >> pair
    distiset = pipeline.run(use_cache=False, parameters={"pair": {"min_margin": 0.1}})
    made = {row["prompt"]: row for row in distiset["default"]["train"]}
    assert len(made) == len(rows)
    assert {prompt: row["dropped"] for prompt, row in made.items()} == {
        rows[0]["prompt"]: None,
        rows[1]["prompt"]: "generations: expected at least two replies",
        rows[2]["prompt"]: None,
    }
    here = next(AffectiveStateStep().process(rows))
    for row in (here[0], here[2]):
        found = made[row["prompt"]]
        assert (found["chosen"], found["rejected"]) == (GOOD, BAD)
        assert found["margin"] > 0.1
        assert {name: found[name] for name in ("header", "target", "risk", "polarity")} == {
            name: row[name] for name in ("header", "target", "risk", "polarity")
        }
