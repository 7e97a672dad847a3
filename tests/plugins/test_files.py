"""Files are whole or absent."""

import pytest

from emp_plugins.errors import InputError, did_you_mean
from emp_plugins.files import atomic_write, read_yaml


def test_failure_leaves_nothing(tmp_path):
    target = tmp_path / "sub" / "a.txt"
    with pytest.raises(RuntimeError), atomic_write(target) as file:
        file.write("half")
        raise RuntimeError
    assert list(target.parent.iterdir()) == []


def test_failure_keeps_the_old(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError), atomic_write(target) as file:
        file.write("new")
        raise RuntimeError
    assert target.read_text() == "old"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [1", r"a\.yml:1:"),  # where it breaks
        (b"a: \xff", "not UTF-8 at byte 3"),
        (None, "no such file"),
    ],
)
def test_yaml_faults(tmp_path, content, message):
    path = tmp_path / "a.yml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_yaml(path)


def test_yaml_makes_no_objects(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("!!python/object/apply:os.getcwd []")
    with pytest.raises(InputError):
        read_yaml(path)


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "\ud800"])
def test_a_name_that_no_system_takes(name):
    with pytest.raises(InputError, match="cannot be read"):
        read_yaml(name)


def test_a_date_that_is_none(tmp_path):
    path = tmp_path / "a.yml"
    path.write_text("day: 2020-99-99")
    with pytest.raises(InputError, match=r"a\.yml: cannot be read \(month"):
        read_yaml(path)


def test_hint():
    assert did_you_mean("safty", ["safety", "empathy"]).startswith("did you mean 'safety'")
    assert did_you_mean("zzz", ["safety"]) == "allowed: safety"
