import errno
import json
import os
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.run.journal import Entry, Journal
from emp_plugins.errors import InputError

MARK = {"plan": {"n": 3}, "crew": {"teacher": "scripted"}}


def entry(number, **changes):
    return Entry(number, **{"rows": [{"id": f"r{number}"}], "error": "collusion", **changes})


def written(out, entries, worker=None):
    journal = Journal(out, MARK)
    with journal.shard(worker) as writer:
        for one in entries:
            writer.write(one)
    return Journal(out, MARK)


def test_entries_come_back_in_the_order_of_their_numbers(tmp_path):
    entries = [entry(2, agrees=True), entry(0, rows=[], dropped="margin", agrees=False), entry(1)]
    journal = written(tmp_path / "p.jsonl", entries)
    assert list(journal.entries(range(5))) == sorted(entries, key=lambda e: e.number)
    assert [journal.done(number) for number in range(4)] == [True, True, True, False]
    assert len(journal) == 3


@given(st.integers(0, 400))
def test_a_file_cut_anywhere_loses_at_most_its_last_line(cut):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "p.jsonl"
        written(out, map(entry, range(3)))
        path = Journal(out, MARK).base
        whole = path.read_bytes()
        path.write_bytes(whole[:cut])
        complete = whole[:cut].count(b"\n")
        journal = written(out, [entry(9)])
        assert [e.number for e in journal.entries(range(10))] == [*range(complete - 1), 9]
        assert all(json.loads(line) for line in path.read_bytes().splitlines())


def test_each_worker_has_its_file_and_all_are_read(tmp_path):
    out = tmp_path / "p.jsonl"
    for worker in range(12):
        written(out, [entry(worker)], worker)
    journal = written(out, [entry(12)])
    assert [e.number for e in journal.entries(range(13))] == list(range(13))
    assert [path.name for path in journal.paths()][:3] == [
        "p.jsonl.journal",
        "p.jsonl.journal.0",
        "p.jsonl.journal.1",
    ]


def test_a_failure_is_no_end_and_undoes_none(tmp_path):
    out = tmp_path / "p.jsonl"
    failed = entry(0, rows=[], failed="status 500")
    journal = written(out, [failed, entry(1)])
    assert not journal.done(0) and journal.failures() == {0: "status 500"}
    journal = written(out, [entry(0), entry(1, rows=[], failed="late")])
    assert journal.done(0) and journal.done(1) and not journal.failures()


def test_finished_runs_leave_a_journal_only_where_something_failed(tmp_path):
    out = tmp_path / "p.jsonl"
    written(out, [entry(0)]).finish()
    assert list(tmp_path.iterdir()) == []
    written(out, [entry(0), entry(1, rows=[], failed="status 500")]).finish()
    journal = Journal(out, MARK)
    assert journal.finished and journal.failures() == {1: "status 500"}
    assert not written(out, [entry(1)]).finished  # somebody went on


def test_another_run_is_refused_and_said(tmp_path):
    out = tmp_path / "p.jsonl"
    written(out, [entry(0)])
    with pytest.raises(InputError, match=r"another run \(plan differs\)"):
        Journal(out, {**MARK, "plan": {"n": 4}})


def test_a_full_disk_is_named_and_what_was_written_stands(tmp_path):
    out = tmp_path / "p.jsonl"
    pid = os.fork()
    if not pid:  # the limit must not outlive the test
        status = 1
        try:
            import signal

            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))
            written(out, map(entry, range(100)))
        except OSError as error:
            named = error.filename == str(Journal(out, MARK).base)
            status = 0 if error.errno == errno.EFBIG and named else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    journal = written(out, [entry(500)])
    kept = [e.number for e in journal.entries(range(501))]
    assert kept[-1] == 500 and kept[:-1] == list(range(len(kept) - 1)) and len(kept) > 3
