import json

import pytest
from click.testing import CliRunner

from emp_tooling.benchmarks.diversity import command

SAME = "I hear you, and I am sorry that this is so hard for you."


@pytest.fixture
def people(tmp_path):
    lines = [
        "client,reply,level",
        *(f"c{n},word{n} word{n + 1} word{n + 2} w{n},{n % 3}" for n in range(50)),
    ]
    (tmp_path / "people.csv").write_text("\n".join(lines) + "\n")
    return str(tmp_path / "people.csv")


def test_one_sentence_over_and_over_is_less_varied_than_people(tmp_path, people):
    rows = [
        {"prompt": "a", "chosen": SAME, "rejected": f"no{n} way{n} at{n} all{n}"} for n in range(40)
    ]
    (tmp_path / "p.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = CliRunner().invoke(command, [str(tmp_path / "p.jsonl"), "--labels", people])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["chosen"]["ratio"] < 0.2 < 0.9 < found["rejected"]["ratio"]
    assert found["chosen"]["tokens"] <= 200  # cut to the people's


def test_a_missing_file_is_one_line(people):
    result = CliRunner().invoke(command, ["none.jsonl", "--labels", people])
    assert result.exit_code == 2 and result.stderr == "Error: none.jsonl: no such file\n"
