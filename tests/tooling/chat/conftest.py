"""A model that says what a test wants, behind the real inference."""

import json
import time
from types import SimpleNamespace

import pytest

REASONING = (
    "- User's main concern: a job that is gone\n- Emotional content: sadness\n"
    "- Intensity level: 3\n- Response approach: stay with it"
)
ANSWER = "That sounds heavy, and it makes sense that you feel worn out. What has been hardest?"


def whole(answer=ANSWER, reasoning=REASONING):
    return f"<reasoning>\n{reasoning}\n</reasoning>\n<answer>\n{answer}\n</answer>"


class Scripted:
    """A ``Model`` whose replies are given; an exception in their place is raised midway."""

    name = "scripted"

    def __init__(self, *texts, pause=0.0):
        self.texts, self.pause = list(texts) or [whole()], pause
        self.asked, self.seeds, self.stopped = [], [], 0

    def reply(self, prompts, **options):
        raise AssertionError("a chat streams")

    def stream(self, messages, *, seed=None):
        self.asked.append([dict(message) for message in messages])
        self.seeds.append(seed)
        text = self.texts[min(len(self.asked), len(self.texts)) - 1]
        failure = text if isinstance(text, BaseException) else None
        text = whole() if failure else text
        try:
            for start in range(0, len(text), 7):
                if failure and start > len(text) / 2:
                    raise failure
                time.sleep(self.pause)
                yield text[start : start + 7]
        except GeneratorExit:
            self.stopped += 1
            raise

    def close(self):
        pass


@pytest.fixture(scope="session")
def chat_recipe(tmp_path_factory):
    """A recipe with the default template, whose data heads prompts with the full state."""
    from emp_plugins.affect.state import State, render

    folder = tmp_path_factory.mktemp("chat")
    headed = render(State({"diagnosis": "MDD"}), "I failed.", "full")
    rows = folder / "prompts.jsonl"
    rows.write_text(json.dumps({"prompt": [{"role": "user", "content": headed}]}) + "\n")
    path = folder / "recipe.yml"
    path.write_text(
        "base_model: none\noutput_dir: none\n"
        "empathy: {rewards: {safety: {locale: en-GB}, structure: {}}}\n"
        f"datasets:\n  - {{path: {rows}, ds_type: json, type: emp_plugins.prompts}}\n"
    )
    return path


@pytest.fixture
def setup_of(chat_recipe):
    """Builds a ``Setup`` around the scripted model."""
    from emp_plugins.safety import resources
    from emp_tooling.chat.setup import Setup
    from emp_tooling.inference import EmpathyInference

    def build(*texts, pause=0.0, user=None, **options):
        model = Scripted(*texts, pause=pause)
        inference = EmpathyInference(chat_recipe, model=model, user=user)
        found = resources("en-GB")
        return Setup(inference, "scripted", resources=found, **{"style": "full", **options})

    return build


@pytest.fixture(scope="session")
def script():
    """``whole`` makes a well-formed reply; the texts that it holds by default."""
    return SimpleNamespace(whole=whole, answer=ANSWER, reasoning=REASONING, Model=Scripted)
