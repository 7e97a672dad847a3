"""Pairs to review, and the part of Argilla's HTTP interface that its SDK uses, on loopback."""

import json
import re
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from emp_datagen.cases import Plan
from emp_datagen.crew import CrewSpec
from emp_datagen.jsonl import write_rows
from emp_datagen.personas import load
from emp_datagen.run.engine import preview

KEY = "review-test-key"
SETTINGS = {"fields", "questions", "metadata-properties", "vectors-settings"}
DATASET = r"/api/v1/(?:me/)?datasets/([^/]+)"


class Store:
    """What the server holds: datasets, their settings, their records."""

    def __init__(self):
        self.datasets, self.parts, self.records, self.requests = {}, {}, {}, []
        self.workspace = self.stamped({"name": "argilla"})
        self.broken = None

    def stamped(self, body):
        now = "2026-01-01T00:00:00"
        return {**body, "id": str(uuid.uuid4()), "inserted_at": now, "updated_at": now}

    def answer(self, record, user, status="submitted", **values):
        """What a reviewer's browser would send."""
        for held in self.records.values():
            if record in held:
                answers = {name: {"value": value} for name, value in values.items()}
                responses = held[record]["responses"]
                responses.append({"values": answers, "status": status, "user_id": user})
                return
        raise KeyError(record)

    def handle(self, method, path, body):
        """Status and JSON of an answer."""
        self.requests.append((method, path))
        if self.broken and re.search(self.broken, path):
            return 422, {"detail": {"input": body}}
        if path == "/api/v1/me":
            return 200, self.stamped({"username": "reviewer", "role": "owner"})
        if path == "/api/v1/me/workspaces":
            return 200, {"items": [self.workspace]}
        if path == f"/api/v1/workspaces/{self.workspace['id']}":
            return 200, self.workspace
        if path == "/api/v1/me/datasets":
            return 200, {"items": list(self.datasets.values())}
        if (method, path) == ("POST", "/api/v1/datasets"):
            made = self.stamped({"status": "draft", **body})
            self.datasets[made["id"]] = made
            self.parts[made["id"]] = {name: [] for name in SETTINGS}
            self.records[made["id"]] = {}
            return 201, made
        place, _, rest = re.sub(DATASET, r"\1", path).partition("/")
        return self.of_dataset(method, place, rest, body) if place in self.datasets else (404, {})

    def of_dataset(self, method, place, rest, body):
        dataset = self.datasets[place]
        if method == "PATCH" and not rest:
            dataset.update({k: v for k, v in body.items() if v is not None})
        if rest == "publish":
            dataset["status"] = "ready"
        if rest in ("", "publish"):
            return 200, dataset
        if rest in SETTINGS and method == "POST":
            self.parts[place][rest].append(self.stamped({**body, "dataset_id": place}))
            return 201, self.parts[place][rest][-1]
        if rest in SETTINGS:
            return 200, {"items": self.parts[place][rest]}
        if rest == "records/bulk":
            made = [{"responses": [], **self.stamped(item)} for item in body["items"]]
            self.records[place].update({item["external_id"]: item for item in made})
            return 200, {"items": made, "updated_item_ids": []}
        if rest == "records":
            return 200, {"items": list(self.records[place].values())}
        return 404, {"detail": rest}


@pytest.fixture
def server(monkeypatch):
    """A server of the environment; ``handle`` has what it was asked."""
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        def do(self):
            path, _, query = self.path.partition("?")
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size) or "null")
            status, answer = 401, {"detail": "who are you"}
            if self.headers["X-Argilla-Api-Key"] == KEY:
                status, answer = store.handle(self.command, path, body)
            offset = re.search(r"offset=([1-9]\d*)", query)
            data = json.dumps({"items": []} if offset else answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,))
        thread.start()
        monkeypatch.setenv("ARGILLA_API_URL", f"http://127.0.0.1:{listening.server_port}")
        monkeypatch.setenv("ARGILLA_API_KEY", KEY)
        yield store
        listening.shutdown()
        thread.join()


@pytest.fixture
def no_server(monkeypatch):
    """An environment without a server."""
    for name in ("ARGILLA_API_URL", "ARGILLA_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def pairs():
    """Ten judged pairs, some of several turns, some at risk."""
    plan = Plan("pairs", load(("mdd", "gad")), n=12, turns=2, risk_share=0.3)
    return preview(plan, CrewSpec())[:10]


@pytest.fixture
def rows_file(pairs, tmp_path):
    """The pairs as a file."""
    return write_rows(tmp_path / "pairs.jsonl", pairs, "pair").path
