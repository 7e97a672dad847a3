"""Teachers in this process: the phrase bank, and a tiny model of transformers."""

import asyncio
import shutil

import pytest

from emp_datagen.teachers import Meter, Order, Settings, TeacherError, load
from emp_datagen.teachers.agent import BatchAgent
from emp_plugins.affect.state import State
from emp_plugins.errors import InputError
from emp_tooling.tiny import build_model

SETTINGS = Settings(max_tokens=12)


def order(said="I cannot sleep.", **more):
    fields = {
        "role": "therapist",
        "persona": "mdd",
        "state": State({"diagnosis": "MDD"}, (-0.4,), (-0.5, 0.0, 0.0, 0.0)),
        "target": "introspection",
        "topic": "your sleep",
        "risk": 0,
        "style": "plain",
        "split": "train",
        "seed": "s",
        "messages": ({"role": "user", "content": said},),
    }
    return Order(**(fields | more))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("local") / "tiny-llama"
    build_model(made)
    return made


@pytest.fixture(scope="module")
def teacher(folder):
    return load(f"hf:{folder}", SETTINGS, Meter())


def ask(teacher, *asked):
    async def run():
        return await asyncio.gather(*(teacher.ask(one, n) for one, n in asked))

    return asyncio.run(run())


def test_the_scripted_teacher_says_the_same_again():
    teacher = load("scripted", SETTINGS, Meter())
    first, second = ask(teacher, (order(), 1), (order(), 1))
    assert first == second
    assert teacher.name == "scripted"


def test_a_model_of_transformers(teacher):
    before = teacher.meter.calls
    found = ask(teacher, *((order(f"Night {number}."), 1) for number in range(5)))
    assert [len(texts) for texts in found] == [1] * 5
    assert all(text.strip() == text and text for (text,) in found)
    assert all("<|im" not in text for (text,) in found)  # no special tokens in a reply
    assert teacher.meter.calls - before == 5
    assert teacher.meter.tokens_in > 5 * 100  # the whole prompt is counted
    assert teacher.name == "hf:tiny-llama"  # no path of this machine in the rows


def test_several_texts_and_several_sizes_at_once(teacher):
    one, four = ask(teacher, (order(), 1), (order(), 4))
    assert (len(one), len(four)) == (1, 4)
    assert len(set(four)) > 1  # sampled


@pytest.fixture(scope="module")
def greedy(talkative):
    return load(f"hf:{talkative}", Settings(max_tokens=12, temperature=0.0), Meter())


def test_without_temperature_it_says_the_same_again(greedy):
    alone, twice, other = ask(greedy, (order(), 1), (order(), 2), (order("I lie awake. " * 40), 1))
    assert twice == alone * 2
    assert other != alone


def test_prompts_of_different_length_do_not_change_one_another(greedy):
    """Left padding: a short prompt beside a long one gets the same greedy reply as alone."""
    short, long = order("Hm."), order("I lie awake. " * 40)
    (alone,), (beside, _) = ask(greedy, (short, 1)), ask(greedy, (short, 1), (long, 1))
    assert beside == alone


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("hf:/no/such/folder", "teacher: hf:/no/such/folder: no such folder$"),
        ("hf:./build/absent", "teacher: hf:./build/absent: no such folder$"),
        ("hf:absent", "no such folder$"),
        ("hf:org/absent", "no such folder, and the hub is switched off$"),
        ("vllm:org/model", r"needs the package 'vllm': pip install 'empathy-recipes\[vllm\]'"),
        ("hf:", "write it as hf:PATH"),
    ],
)
def test_a_model_that_is_not_there(name, message, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match=message) as caught:
        load(name)
    assert "\n" not in str(caught.value)


def test_a_folder_that_holds_no_model(tmp_path):
    with pytest.raises(InputError, match=r"no config\.json in this folder"):
        load(f"hf:{tmp_path}")
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be loaded: ") as caught:
        load(f"hf:{tmp_path}")
    assert "\n" not in str(caught.value)


def test_a_model_without_a_chat_template(folder, tmp_path):
    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="the tokenizer has no chat template"):
        load(f"hf:{bare}")


def test_code_beside_a_model_is_never_run(folder, tmp_path):
    """A configuration that asks for its own code is refused, whatever the code would do."""
    rigged = shutil.copytree(folder, tmp_path / "rigged")
    trace = tmp_path / "ran"
    (rigged / "own.py").write_text(f"open({str(trace)!r}, 'w')\n", encoding="utf-8")
    config = (rigged / "config.json").read_text(encoding="utf-8")
    own = (
        '"auto_map": {"AutoConfig": "own.C", "AutoModelForCausalLM": "own.M"}, "model_type": "own"'
    )
    text = config.replace('"model_type": "llama"', own)
    assert text != config
    (rigged / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be loaded"):
        load(f"hf:{rigged}")
    assert not trace.exists()


class Breaks:
    """An LLM that fails on one input, in words that hold it."""

    def generate_outputs(self, inputs, num_generations, **options):
        if any("bad" in messages[-1]["content"] for messages in inputs):
            raise RuntimeError(f"cannot take {inputs}")
        return [{"generations": ["Yes."] * num_generations, "statistics": {}} for _ in inputs]


def test_a_model_that_fails_on_one_row_tells_nothing_of_it():
    agent = BatchAgent(Breaks(), "t", lambda one: list(one.messages), Meter(), threaded=True)

    async def run():
        asked = (agent.ask(order(said)) for said in ("good", "bad: Amrit", "good"))
        return await asyncio.gather(*asked, return_exceptions=True)

    first, error, last = asyncio.run(run())
    assert first == last == ["Yes."]
    assert isinstance(error, TeacherError)
    assert str(error) == "the model failed (RuntimeError)"
    assert error.__cause__ is None and error.__context__ is None


def test_the_model_is_freed(folder):
    made = load(f"hf:{folder}", SETTINGS)
    asyncio.run(made.close())
    assert made.llm._pipeline is None
