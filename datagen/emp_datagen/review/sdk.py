"""Argilla's SDK: a dataset in its folder form, or on a server.

The SDK wants a client for everything, and a client wants a server. For a folder there is none:
the client's requests are answered here, and nothing leaves the process.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from emp_datagen.bank import Bank
from emp_datagen.review import form
from emp_plugins.completion import Template
from emp_plugins.errors import InputError

URL, KEY = "ARGILLA_API_URL", "ARGILLA_API_KEY"

RECORDS = "records.json"
"""Where the SDK puts records in a dataset's folder."""

NOWHERE = "http://argilla.invalid"

Result = TypeVar("Result")


@dataclass(frozen=True)
class Reviewed:
    """One record as it comes back.

    Attributes:
        id: Of its row.
        fields: What was shown.
        answers: Reviewer to question to answer.
    """

    id: str
    fields: Mapping[str, Any]
    answers: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Task:
    """What is to be reviewed.

    Attributes:
        name: Of the dataset.
        rows: The pairs.
        bank: Names the clinical errors.
        template: Tags of the replies.
        reviewers: How many answers complete a record.
    """

    name: str
    rows: Sequence[Mapping[str, Any]]
    bank: Bank
    template: Template
    reviewers: int = 1

    def records(self, rg: Any) -> list[Any]:
        """The rows as ``rg.Record``, without suggestions."""
        return [
            rg.Record(
                id=row["id"],
                fields=form.fields(row, self.template),
                metadata=form.metadata(row),
            )
            for row in self.rows
        ]


def credentials() -> tuple[str, str] | None:
    """URL and key of the server from the environment, or None where neither is set.

    Raises:
        InputError: One of them is missing.
    """
    url, key = os.environ.get(URL, ""), os.environ.get(KEY, "")
    if bool(url) != bool(key):
        there, missing = (URL, KEY) if url else (KEY, URL)
        raise InputError(f"{missing}: not set in the environment, though {there} is")
    return (url, key) if url else None


def write_folder(task: Task, folder: Path) -> None:
    """Writes a dataset as ``rg.Dataset.to_disk`` does; the folder appears whole.

    Args:
        task: What is to be reviewed.
        folder: Must not exist, or be empty: one that was reviewed holds human work.

    Raises:
        InputError: The folder holds something, or argilla is not installed.
        OSError: It cannot be written.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(f"{folder}: exists; choose another --out")
    folder.parent.mkdir(parents=True, exist_ok=True)
    rg = _sdk()
    with _offline(rg), tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        place = Path(scratch) / "dataset"
        place.mkdir()
        here = rg.Workspace(name="argilla", id=uuid.UUID(int=1))
        settings = form.settings(rg, task.bank, task.reviewers)
        dataset = rg.Dataset(task.name, workspace=here, settings=settings)
        dataset.to_disk(str(place), with_records=False)
        # to_disk takes records from the server alone; these are the same bytes.
        held = [record.to_dict() for record in task.records(rg)]
        (place / RECORDS).write_text(json.dumps(held), encoding="utf-8")
        place.replace(folder)


def read_folder(folder: Path) -> list[Reviewed]:
    """Reads the records that ``rg.Dataset.to_disk`` wrote.

    It writes no status beside an answer, so that drafts and discarded answers count as well.

    Args:
        folder: The dataset's folder.

    Returns:
        The records.

    Raises:
        InputError: It is no such folder.
    """
    path = folder / RECORDS
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder")
    rg = _sdk()
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; expected a dataset's folder") from None
    except ValueError as error:
        raise InputError(f"{path}: not JSON ({type(error).__name__})") from None
    if not isinstance(held, list):
        raise InputError(f"{path}: expected a list of records")
    return [_read_one(rg, path, number, row) for number, row in enumerate(held, 1)]


def send(task: Task, workspace: str | None) -> str:
    """Makes the dataset on the server of the environment and logs the records.

    Args:
        task: What is to be reviewed.
        workspace: Where; None for the server's first.

    Returns:
        The workspace's name.

    Raises:
        InputError: The server cannot be used, or has a dataset of that name.
    """
    rg = _sdk()

    def make(client: Any) -> tuple[str, Any]:
        place = _workspace(client, workspace)
        if client.datasets(name=task.name, workspace=place) is not None:
            raise InputError(f"{task.name}: exists in {place.name}; choose another --name")
        settings = form.settings(rg, task.bank, task.reviewers)
        dataset = rg.Dataset(task.name, workspace=place, settings=settings, client=client)
        return place.name, dataset.create()

    def log(client: Any) -> None:
        records = task.records(rg)
        dataset.records.log(records, batch_size=min(256, len(records)))

    where, dataset = _on_server(rg, make)
    _on_server(rg, log, f"; {task.name} is incomplete there, delete it first")
    return where


def fetch(name: str, workspace: str | None) -> list[Reviewed]:
    """Reads the records of a dataset on the server of the environment.

    Args:
        name: Of the dataset.
        workspace: Where it is; None for the server's first.

    Returns:
        The records, with submitted answers alone.

    Raises:
        InputError: The server cannot be used, or has no such dataset.
    """

    def read(client: Any) -> list[Reviewed]:
        place = _workspace(client, workspace)
        dataset = client.datasets(name=name, workspace=place)
        if dataset is None:
            known = ", ".join(sorted(one.name for one in place.datasets)) or "none"
            raise InputError(f"{name}: no such dataset in {place.name}; there are: {known}")
        return [_reviewed(record) for record in dataset.records(with_suggestions=False)]

    return _on_server(_sdk(), read)


def _read_one(rg: Any, path: Path, number: int, row: Any) -> Reviewed:
    try:
        return _reviewed(rg.Record.from_dict(row))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: record {number}: {type(error).__name__}") from None


def _reviewed(record: Any) -> Reviewed:
    answers: dict[str, dict[str, Any]] = {}
    for response in record.responses:
        if response.status in (None, "submitted"):
            answers.setdefault(str(response.user_id), {})[response.question_name] = response.value
    return Reviewed(str(record.id), dict(record.fields), answers)


def _sdk() -> Any:
    # SDK 2.8 itself sends none; older ones and the hub client behind it ask these.
    os.environ.setdefault("ARGILLA_ENABLE_TELEMETRY", "0")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        import argilla
    except ModuleNotFoundError as error:
        raise InputError(
            f"review needs the package {error.name!r}: pip install 'empathy-recipes[review]'"
        ) from error
    return argilla


@contextlib.contextmanager
def _default(rg: Any) -> Iterator[None]:
    """Puts the SDK's default client, which every new client replaces, back."""
    before = rg.Argilla._default_client
    try:
        yield
    finally:
        rg.Argilla._default_client = before


@contextlib.contextmanager
def _offline(rg: Any) -> Iterator[None]:
    import httpx

    nobody = {"id": str(uuid.UUID(int=0)), "username": "nobody", "role": "owner"}

    def answer(request: Any) -> Any:
        known = request.url.path == "/api/v1/me"
        return httpx.Response(200, json=nobody) if known else httpx.Response(404, json={})

    with _default(rg):
        mounts = {f"all://{NOWHERE.partition('//')[2]}": httpx.MockTransport(answer)}
        rg.Argilla(api_url=NOWHERE, api_key="none", mounts=mounts)
        yield


def _on_server(rg: Any, job: Callable[[Any], Result], after: str = "") -> Result:
    """Does something with a client of the server; a failure becomes one line."""
    import httpx
    from argilla._exceptions import ArgillaError

    found = credentials()
    if found is None:
        raise InputError(f"{URL} and {KEY}: not set in the environment")
    failures = (ArgillaError, httpx.HTTPError, httpx.InvalidURL)
    try:
        with _default(rg), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return job(rg.Argilla(api_url=found[0], api_key=found[1]))
    except InputError:
        raise
    except (*failures, KeyError, TypeError, ValueError) as error:
        # A server that is no Argilla answers anything.
        reason = f"{type(error).__name__}{_status(error)}"
    # Raised here, without the SDK's error as context, because that quotes records.
    raise InputError(f"{URL}: the server failed: {reason}{after}")


def _status(error: BaseException | None) -> str:
    while error:
        if status := getattr(error, "status_code", None):
            return f", status {status}"
        error = error.__cause__ or error.__context__
    return ""


def _workspace(client: Any, name: str | None) -> Any:
    places = list(client.workspaces)
    found = [place for place in places if name in (None, place.name)]
    if not found:
        known = ", ".join(sorted(place.name for place in places)) or "none"
        raise InputError(f"--workspace: {name or 'default'}: not there; there are: {known}")
    return found[0]
