import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.errors import InputError
from emp_tooling.evaluate.journal import Journal, Remembered

PROMPTS = [[{"role": "user", "content": "x" * length}] for length in (5, 1, 9, 3, 7)]


class Echo:
    """A real model as far as the protocol goes: says the seed and the prompt."""

    name, has_adapter = "echo", False

    def __init__(self, fails_at=None):
        self.asked, self.fails_at, self.closed = [], fails_at, False

    def reply(self, prompts, *, seed=0, progress=None, on_reply=None):
        replies = []
        for index, prompt in enumerate(prompts):
            if len(self.asked) == self.fails_at:
                raise InputError("the endpoint is gone")
            self.asked.append(prompt)
            replies.append(f"{seed}: {prompt[-1]['content']}")
            on_reply(index, replies[-1])
        return replies

    def close(self):
        self.closed = True


def remembered(path, model, identity="v1", batch_size=2):
    opened = []
    one = Remembered(
        "m",
        lambda: opened.append(1) or model,
        Journal(path),
        side="model",
        identity=identity,
        batch_size=batch_size,
    )
    return one, opened


def test_what_was_said_is_not_asked_again_and_a_model_not_needed_is_not_opened(tmp_path):
    path = tmp_path / "j.jsonl"
    one, _ = remembered(path, Echo())
    first = one.reply(PROMPTS, seed=4)
    assert [text.split(": ")[1] for text in first] == [p[0]["content"] for p in PROMPTS]
    other, opened = remembered(path, Echo())
    assert other.reply(PROMPTS, seed=4) == first
    assert not opened and other.found == 5
    other.close()


@pytest.mark.parametrize("fails_at", range(5))
def test_a_run_that_breaks_off_ends_like_one_that_did_not(tmp_path, fails_at):
    whole, _ = remembered(tmp_path / "whole.jsonl", Echo())
    path, model = tmp_path / "j.jsonl", Echo(fails_at)
    broken, _ = remembered(path, model)
    with pytest.raises(InputError, match="gone"):
        broken.reply(PROMPTS, seed=1)
    again, counts = Echo(), []
    resumed, _ = remembered(path, again)
    found = resumed.reply(PROMPTS, seed=1, progress=lambda *one: counts.append(one))
    assert found == whole.reply(PROMPTS, seed=1)
    assert len(again.asked) == 5 - fails_at and counts == [(2, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    ("identity", "seed", "prompts", "why"),
    [
        ("v2", 0, PROMPTS, "other weights"),
        ("v1", 1, PROMPTS, "another seed"),
        ("v1", 0, [[{"role": "system", "content": "s"}, *p] for p in PROMPTS], "another prompt"),
    ],
)
def test_what_depends_on_something_else_is_asked_anew(tmp_path, identity, seed, prompts, why):
    path = tmp_path / "j.jsonl"
    remembered(path, Echo())[0].reply(PROMPTS)
    model = Echo()
    remembered(path, model, identity)[0].reply(prompts, seed=seed)
    assert len(model.asked) == 5, why


def test_batches_have_like_lengths_and_seeds_of_their_own(tmp_path):
    model = Echo()
    replies = remembered(tmp_path / "j.jsonl", model)[0].reply(PROMPTS, seed=2)
    assert [len(prompt[0]["content"]) for prompt in model.asked] == [1, 3, 5, 7, 9]
    assert len({reply.split(":")[0] for reply in replies}) == 3


def test_closing_frees_only_what_was_opened(tmp_path):
    model = Echo()
    one, _ = remembered(tmp_path / "j.jsonl", model)
    one.close()
    assert not model.closed
    one.reply(PROMPTS[:1])
    one.close()
    assert model.closed and one.opened is None


@given(st.integers(0, 400), st.text(max_size=20))
def test_a_file_cut_anywhere_loses_at_most_the_line_that_was_cut(tmp_path_factory, cut, text):
    path = tmp_path_factory.mktemp("cut") / "j.jsonl"
    journal = Journal(path)
    for number in range(4):
        journal.add(f"k{number}", {"reply": f"{text}{number}"})
    path.write_bytes(path.read_bytes()[:cut])
    held = Journal(path)
    known = [number for number in range(4) if held.get(f"k{number}")]
    assert known == list(range(len(known))) and held.skipped <= 1
    held.add("new", {"reply": "after"})
    again = Journal(path)
    assert again.get("new")["reply"] == "after" and again.skipped == held.skipped
    assert all(again.get(f"k{number}")["reply"] == f"{text}{number}" for number in known)


@pytest.mark.parametrize("line", ["[]", "3", '{"reply": "x"}', '{"key": 3}', "\ufffd", ""])
def test_lines_that_are_no_entries_are_counted(tmp_path, line):
    path = tmp_path / "j.jsonl"
    path.write_text(f"{line}\n" + json.dumps({"key": "a", "reply": "b"}) + "\n")
    journal = Journal(path)
    assert journal.skipped == 1 and journal.get("a")["reply"] == "b"
