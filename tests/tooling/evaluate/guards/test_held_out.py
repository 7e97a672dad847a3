from pathlib import Path

import pytest
from click.testing import CliRunner

from emp_tooling.evaluate.guards.fit import read
from emp_tooling.evaluate.guards.held_out import agreement, command

pytest.importorskip("sklearn")
HELD_OUT = Path(__file__).parent / "labelled" / "held_out.jsonl"
SEEN = [HELD_OUT.with_name("replies.jsonl"), HELD_OUT.parents[1] / "dev.jsonl"]


def test_kappa_on_a_writer_that_the_scorer_never_met():
    rows = read(HELD_OUT)
    found = agreement(rows)
    assert len(rows) >= 200 and found.confusion.sum() == len(rows)
    assert found.kappa >= 0.7
    assert found.low < found.kappa < found.high


def test_no_held_out_reply_was_fitted_on():
    fitted = {" ".join(row.reply.casefold().split()) for path in SEEN for row in read(path)}
    assert not fitted & {" ".join(row.reply.casefold().split()) for row in read(HELD_OUT)}


def test_the_command_prints_it():
    done = CliRunner().invoke(command, [str(HELD_OUT)])
    assert done.exit_code == 0 and "220 replies: kappa 0." in done.output
