"""Policies of known worth end up in their order."""

from click.testing import CliRunner

from emp_datagen.simulation.policies import main, outcome, play, policies


def test_good_above_canned_above_what_does_not_listen(simulation, people):
    clients = simulation.start_all([people[k] for k in ("mdd", "gad", "grief")], 6, risk=0, turns=3)
    known = policies()
    found = {
        name: outcome(play(simulation, clients, known[name]))
        for name in ("good", "canned", "joy words", "error: toxic_positivity", "parrot")
    }
    assert found["good"].low > found["canned"].high > 0
    for poor in ("joy words", "error: toxic_positivity", "parrot"):
        assert found[poor].high < min(0, found["canned"].low)
        assert found[poor].hurt > 0.5 > found["good"].hurt


def test_the_command_prints_a_row_for_each():
    done = CliRunner().invoke(main, ["--personas", "ptsd", "--seeds", "1", "--turns", "1"])
    assert done.exit_code == 0, done.output
    rows = done.output.splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == list(policies())
    assert all(row.count("|") == 7 for row in rows)
