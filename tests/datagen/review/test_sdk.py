"""Round trips through Argilla's own SDK: its folder, and a server that speaks to it on loopback."""

import json
import logging
import os
import uuid

import pytest

from emp_datagen.bank import SHIPPED, load_bank
from emp_datagen.review import form, sdk
from emp_datagen.review.answers import join
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

rg = pytest.importorskip("argilla", reason="needs the review extra")

TEMPLATE = Template()
ONE, TWO = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))


@pytest.fixture
def task(pairs):
    return sdk.Task("pairs", pairs, load_bank(SHIPPED), TEMPLATE, reviewers=2)


@pytest.fixture
def folder(task, tmp_path, no_server):
    sdk.write_folder(task, tmp_path / "review")
    return tmp_path / "review"


def best(row, prefers="chosen"):
    first = form.chosen_first(row["id"]) == (prefers == "chosen")
    return {form.BETTER: form.A if first else form.B, form.ERROR: "other", form.MISSED: "no"}


def test_the_settings_are_what_the_sdk_reads_back(folder):
    with sdk._offline(rg):
        settings = rg.Settings.from_json(folder / ".argilla" / "settings.json")
        settings.validate()
    assert [field.name for field in settings.fields] == ["conversation", "reply_a", "reply_b"]
    better, error, missed, comment = settings.questions
    assert better.labels == ["reply_a", "reply_b", "both_bad"]
    assert error.labels == [*load_bank(SHIPPED).errors, "none", "other"]
    assert missed.labels == ["yes", "no"]
    assert [q.required for q in settings.questions] == [True, True, True, False]
    assert {m.name for m in settings.metadata} == {*form.HIDDEN, "risk", "margin"}
    assert not any(m.visible_for_annotators for m in settings.metadata)
    assert settings.distribution.min_submitted == 2
    assert len(settings.guidelines) < 10_000, "the server takes no more"


def test_the_records_are_what_the_sdk_would_write(folder, task, pairs, tmp_path):
    from argilla.records._io import JsonIO

    JsonIO.to_json(task.records(rg), tmp_path / "theirs.json")
    assert (folder / "records.json").read_bytes() == (tmp_path / "theirs.json").read_bytes()
    held = json.loads((folder / "records.json").read_text())
    assert [record["id"] for record in held] == [row["id"] for row in pairs]
    assert all(record["suggestions"] == record["responses"] == {} for record in held)


def test_a_folder_needs_no_network_and_leaves_the_default_client(task, tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("a connection was opened")

    monkeypatch.setattr("socket.socket.connect", refuse)
    sdk.write_folder(task, tmp_path / "review")
    sdk.read_folder(tmp_path / "review")
    assert rg.Argilla._default_client is None
    assert os.environ["ARGILLA_ENABLE_TELEMETRY"] == "0"
    assert os.environ["HF_HUB_DISABLE_TELEMETRY"] == "1"


def test_round_trip_through_the_folder(folder, pairs, tmp_path):
    """Answers are added and written as the SDK does, then read back into pairs."""
    from argilla.records._io import JsonIO

    path = folder / "records.json"
    records = JsonIO._records_from_json(path)
    for number, record in enumerate(records):
        for user in (ONE, TWO):
            for name, value in best(pairs[number], "rejected" if number == 1 else "chosen").items():
                record.responses.add(rg.Response(name, value, user_id=user, status="submitted"))
    path.unlink()
    JsonIO.to_json(records, path)
    found = join(pairs, sdk.read_folder(folder), TEMPLATE)
    assert len(found.rows) == len(pairs) and found.swapped == 1
    assert found.rows[1]["chosen"] == pairs[1]["rejected"]
    assert {row["error"] for row in found.rows} == {"other"}


def test_a_folder_without_answers_leaves_all_rows_out(folder, pairs):
    found = join(pairs, sdk.read_folder(folder), TEMPLATE)
    assert (found.rows, found.left_out) == ([], {"unanswered": len(pairs)})


def test_a_folder_that_holds_something_is_kept(folder, task):
    before = (folder / "records.json").stat().st_mtime_ns
    with pytest.raises(InputError, match="exists; choose another --out"):
        sdk.write_folder(task, folder)
    assert (folder / "records.json").stat().st_mtime_ns == before
    assert [path.name for path in folder.parent.iterdir()] == ["review"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "no such file; expected a dataset's folder"),
        ("{", "not JSON"),
        ("{}", "expected a list of records"),
        ('[{"id": "x"}, 7]', "record 2: AttributeError"),
        ('[{"id": "x", "responses": {"better": [{"secret": 1}]}}]', "record 1: TypeError"),
    ],
)
def test_a_folder_that_is_none_is_one_line(tmp_path, text, message):
    if text is not None:
        (tmp_path / "records.json").write_text(text)
    with pytest.raises(InputError, match=message):
        sdk.read_folder(tmp_path)


def test_a_folder_loads_into_a_server(folder, server, pairs):
    client = rg.Argilla(os.environ["ARGILLA_API_URL"], os.environ["ARGILLA_API_KEY"])
    dataset = rg.Dataset.from_disk(str(folder), workspace="argilla", client=client)
    rg.Argilla._default_client = None
    assert dataset.settings.distribution.min_submitted == 2
    shown = {record.id: record.fields[form.A] for record in dataset.records}
    assert shown == {row["id"]: form.fields(row, TEMPLATE)[form.A] for row in pairs}


def test_round_trip_through_a_server(server, task, pairs, tmp_path):
    assert sdk.send(task, None) == "argilla"
    (held,) = server.records.values()
    assert set(held) == {row["id"] for row in pairs}
    row = pairs[0]
    assert held[row["id"]]["metadata"] == form.metadata(row)
    assert held[row["id"]]["fields"] == form.fields(row, TEMPLATE)
    (parts,) = server.parts.values()
    assert not any(part["visible_for_annotators"] for part in parts["metadata-properties"])
    server.answer(row["id"], ONE, **best(row))
    server.answer(row["id"], TWO, **best(row))
    server.answer(pairs[1]["id"], ONE, "draft", **best(pairs[1]))
    server.answer(pairs[2]["id"], ONE, "discarded", **best(pairs[2]))
    found = join(pairs, sdk.fetch("pairs", "argilla"), TEMPLATE)
    assert [row["id"] for row in found.rows] == [pairs[0]["id"]], "submitted answers alone count"
    assert found.left_out == {"unanswered": len(pairs) - 1}


def test_what_the_sdk_saves_of_a_server_is_read_too(server, task, pairs, tmp_path):
    sdk.send(task, None)
    for row in pairs:
        server.answer(row["id"], ONE, **best(row))
    client = rg.Argilla(os.environ["ARGILLA_API_URL"], os.environ["ARGILLA_API_KEY"])
    (tmp_path / "saved").mkdir()
    client.datasets("pairs").to_disk(str(tmp_path / "saved"))
    rg.Argilla._default_client = None
    saved = {record.id: record.answers for record in sdk.read_folder(tmp_path / "saved")}
    assert saved == {record.id: record.answers for record in sdk.fetch("pairs", None)}
    assert saved[pairs[0]["id"]] == {ONE: best(pairs[0])}


def test_a_dataset_that_is_there_is_kept(server, task):
    sdk.send(task, None)
    with pytest.raises(InputError, match="pairs: exists in argilla; choose another --name"):
        sdk.send(task, None)
    assert len(server.datasets) == 1


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ("/me$", "the server failed: UnprocessableEntityError, status 422"),
        ("questions", "the server failed: SettingsError, status 422"),
        ("bulk", "status 422; pairs is incomplete there, delete it first"),
    ],
)
def test_a_server_that_fails_is_one_line_without_what_was_sent(
    server, task, pairs, broken, message, caplog
):
    caplog.set_level(logging.DEBUG)
    server.broken = broken
    with pytest.raises(InputError, match=message) as found:
        sdk.send(task, None)
    logged = f"{found.value} {caplog.text}"
    assert "\n" not in str(found.value)
    assert found.value.__context__ is None, "the SDK's own error quotes the records"
    for row in pairs:
        for text in (row["prompt"][-1]["content"], row["chosen"][0]["content"]):
            assert text[-40:] not in logged
    assert os.environ["ARGILLA_API_KEY"] not in logged


@pytest.mark.parametrize(
    ("url", "key", "message"),
    [
        ("", "", "ARGILLA_API_URL and ARGILLA_API_KEY: not set in the environment"),
        (None, "", "ARGILLA_API_KEY: not set in the environment, though ARGILLA_API_URL is"),
        ("", None, "ARGILLA_API_URL: not set in the environment, though ARGILLA_API_KEY is"),
        (None, "wrong", "the server failed: ArgillaCredentialsError, status 401"),
        ("nowhere", None, "the server failed: UnsupportedProtocol"),
    ],
)
def test_a_server_that_cannot_be_used_is_one_line(server, monkeypatch, url, key, message):
    for name, value in (("ARGILLA_API_URL", url), ("ARGILLA_API_KEY", key)):
        if value is not None:
            monkeypatch.setenv(name, value)
    with pytest.raises(InputError, match=message):
        sdk.fetch("pairs", None)


@pytest.mark.parametrize(
    ("name", "workspace", "message"),
    [
        ("pears", None, "pears: no such dataset in argilla; there are: pairs"),
        ("pairs", "elsewhere", "--workspace: elsewhere: not there; there are: argilla"),
    ],
)
def test_what_is_not_on_the_server_is_one_line(server, task, name, workspace, message):
    sdk.send(task, None)
    with pytest.raises(InputError, match=message):
        sdk.fetch(name, workspace)
