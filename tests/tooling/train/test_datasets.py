"""Rows are loaded, transformed, filtered and shuffled as Axolotl does it."""

import pytest

from emp_plugins.errors import InputError
from emp_tooling.train.unsloth.datasets import load, prepare
from emp_tooling.train.unsloth.mapping import plan


@pytest.fixture
def prepared(recipe, rows, write, tokenizer):
    """Prepares a method's rows; more keys may be given."""

    def prepared(method, entry=None, **keys):
        data = recipe(method, **keys)
        data["datasets"][0] |= {"path": write(f"{method}.jsonl", rows[method])} | (entry or {})
        return prepare(plan(data), tokenizer)

    return prepared


def test_pairs_are_texts_that_the_chat_template_made(prepared, rows):
    train, evaluation = prepared("dpo", shuffle_merged_datasets=False)
    assert evaluation is None and len(train) == len(rows["dpo"])
    assert train[0]["prompt"] == (
        "<|im_start|>user\nI failed again.<|im_end|>\n<|im_start|>assistant\n"
    )
    assert train[0]["rejected"].endswith("Cheer up!\n</answer><|im_end|>")
    assert train[0]["risk"] == 0  # columns that no trainer reads stay, as under Axolotl


def test_labels_of_kto(prepared):
    train, _ = prepared("kto", shuffle_merged_datasets=False)
    assert list(train["label"]) == [True, False] * 4
    assert "Cheer up" in train[1]["completion"]


def test_prompts_keep_the_columns_that_rewards_read(prepared, rows):
    train, _ = prepared("grpo", shuffle_merged_datasets=False)
    assert train[0]["prompt"] == rows["grpo"][0]["prompt"] and train[0]["state"]["affect"]


def test_conversations_are_tokens(prepared):
    train, _ = prepared("sft")
    assert train.column_names == ["input_ids", "labels"]
    assert all(len(row["input_ids"]) == len(row["labels"]) for row in train)


def test_the_shuffle_is_the_one_of_the_seed(prepared):
    plain = prepared("dpo", shuffle_merged_datasets=False)[0]
    shuffled = list(prepared("dpo", seed=5)[0]["prompt"])
    assert shuffled == list(plain.shuffle(seed=5)["prompt"]) != list(plain["prompt"])


def test_several_data_sets_follow_one_another(recipe, rows, write, tokenizer):
    data = recipe("dpo", shuffle_merged_datasets=False)
    entry = data["datasets"][0]
    data["datasets"] = [entry | {"path": write(f"{n}.jsonl", rows["dpo"][n:])} for n in (3, 0)]
    data["test_datasets"] = [entry | {"path": write("t.jsonl", rows["dpo"][:2])}]
    train, evaluation = prepare(plan(data), tokenizer)
    assert len(train) == 1 + 4 and len(evaluation) == 2
    assert train[0]["prompt"] == train[4]["prompt"]


def test_rows_held_out_come_from_the_end(prepared):
    whole = prepared("dpo")[0]
    train, evaluation = prepared("dpo", val_set_size=0.25)
    assert [*train["prompt"], *evaluation["prompt"]] == list(whole["prompt"])
    assert len(evaluation) == 1


def test_long_rows_are_dropped_or_refused(recipe, rows, write, tokenizer):
    long = dict(rows["dpo"][0], prompt=[{"role": "user", "content": "I failed. " * 200}])
    data = recipe("dpo", sequence_len=128)
    data["datasets"][0]["path"] = write("long.jsonl", [*rows["dpo"], long])
    assert len(prepare(plan(data), tokenizer)[0]) == 4
    with pytest.raises(InputError, match=r"a row has \d+ tokens, more than sequence_len 128"):
        prepare(plan(data | {"excess_length_strategy": "raise"}), tokenizer)
    data["datasets"][0]["path"] = write("only.jsonl", [long])
    with pytest.raises(InputError, match="only.jsonl: none of its 1 rows fits sequence_len 128"):
        prepare(plan(data), tokenizer)


def test_a_prompt_that_leaves_no_room_for_its_completion_is_refused(prepared):
    """Axolotl keeps it; Unsloth's forward pass would cut it."""
    with pytest.raises(InputError, match="a prompt has .* leaves 6: raise sequence_len"):
        prepared("grpo", sequence_len=70)


def test_the_start_token_is_not_doubled(prepared, tokenizer):
    """Llama's template writes it, and its tokenizer adds it again to any text."""
    from tokenizers.processors import TemplateProcessing

    before, template = tokenizer.backend_tokenizer.post_processor, tokenizer.chat_template
    start = "<|endoftext|>"
    tokenizer.bos_token = start
    tokenizer.chat_template = start + template
    plain = prepared("dpo")[0][0]["prompt"]
    token = (start, tokenizer.bos_token_id)
    try:
        tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
            single=f"{start} $A", special_tokens=[token]
        )
        found = prepared("dpo")[0][0]["prompt"]
    finally:
        tokenizer.backend_tokenizer.post_processor = before
        tokenizer.bos_token, tokenizer.chat_template = None, template
    assert plain == start + found


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"path": "data/none.jsonl"}, "data/none.jsonl: cannot be read"),
        ({"field_messages": "turns"}, "a row has no turns"),
    ],
)
def test_what_cannot_be_read_is_one_line(prepared, monkeypatch, entry, message):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(InputError, match=message) as error:
        prepared("sft", entry)
    assert "\n" not in str(error.value)


def test_a_file_that_is_no_json_is_one_line(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": \n')
    with pytest.raises(InputError, match="a.jsonl: cannot be read") as error:
        load({"path": str(tmp_path / "a.jsonl")})
    assert "\n" not in str(error.value)


def test_splits_and_slices(rows, write, tmp_path):
    import datasets

    path = write("a.jsonl", rows["dpo"])
    assert len(load({"path": path, "split": "train[:2]"})) == 2
    saved = datasets.DatasetDict({"train": datasets.Dataset.from_list([{"a": 1}] * 3)})
    saved.save_to_disk(tmp_path / "saved")
    assert len(load({"path": str(tmp_path / "saved")})) == 3
    with pytest.raises(InputError, match="^datasets: .*saved: has no split test; write `split:` "):
        load({"path": str(tmp_path / "saved")}, "test")
