import csv

import pytest

from emp_plugins.errors import InputError
from emp_tooling.audit.labels import EPITOME, mechanism_name, read, read_labels

SECRET = "my-secret-words"


def write_csv(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def levels(found, mechanism):
    return [row.levels.get(mechanism) for row in found.rows]


def test_epitome_is_joined_by_its_ids(epitome):
    found = read(f"epitome:{epitome}")
    assert found.mechanisms == EPITOME and len(found.rows) == 14
    assert found.rows[12].levels == dict.fromkeys(EPITOME, 2)
    assert found.rows[12].client == "I lost my mother."


def test_files_in_another_order_join_all_the_same(epitome):
    path = epitome / "explorations.csv"
    header, *rows = path.read_text().splitlines()
    path.write_text("\n".join([header, *reversed(rows)]) + "\n")
    found = {row.client: row.levels for row in read(f"epitome:{epitome}").rows}
    assert found["I quit my job."]["explorations"] == 2
    assert found["My phone broke."] == dict.fromkeys(EPITOME, 0)


def test_a_pair_labelled_twice_is_two_rows(epitome):
    for path in epitome.iterdir():
        header, first, *rows = path.read_text().splitlines()
        path.write_text("\n".join([header, first, first, *rows]) + "\n")
    found = read(f"epitome:{epitome}")
    assert len(found.rows) == 15 and all(len(row.levels) == 3 for row in found.rows)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ([0, 1, 2, 0], [0, 1, 2, 0]),  # the scale of EPITOME stays as it is
        ([0, 1, 1, 0], [0, 2, 2, 0]),  # of two levels the higher is the strong one
        ([1, 2, 3, 4, 5, 5], [0, 0, 1, 1, 2, 2]),  # a rating scale is cut into thirds
        ([5, 5, 5, 5, 1], [2, 2, 2, 2, 0]),  # ties at one end leave both ends filled
        ([1, 1, 1, 1, 9], [0, 0, 0, 0, 2]),
        ([-0.5, 0.25, 1.75], [0, 1, 2]),
    ],
)
def test_any_scale_becomes_three_levels(tmp_path, given, wanted):
    rows = [(f"client {n}", f"reply {n}", level) for n, level in enumerate(given)]
    path = write_csv(tmp_path / "warmth.csv", ("client", "reply", "level"), rows)
    assert levels(read(str(path)), "warmth") == wanted
    assert levels(read(f"csv:{path}"), "warmth") == wanted


def test_a_csv_with_mechanisms_joins_the_same_reply(tmp_path):
    rows = [("c", "r", 2, "Warmth"), ("c", "r", 0, "insight"), ("d", "s", 0, "warmth")]
    rows += [("d", "s", 1, "insight")]
    path = write_csv(tmp_path / "x.csv", ("client", "reply", "level", "mechanism"), rows)
    found = read(str(path))
    assert found.mechanisms == ("warmth", "insight")
    assert [row.levels for row in found.rows] == [
        {"warmth": 2, "insight": 0},
        {"warmth": 0, "insight": 2},
    ]


@pytest.mark.parametrize("written", ["reactions", "Emotional-Reactions", " emotional reactions "])
def test_spellings_of_a_mechanism_are_one(written):
    assert mechanism_name(written) == "emotional_reactions"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ":1: no column 'client'"),
        (f"{SECRET},x,y\na,b,1\n", ":1: no column 'client'"),  # no header: the line is client text
        ("client,reply\na,b\n", ":1: no column 'level'"),
        ("client,reply,level\n", "no rows"),
        (f'client,reply,level\n"a\nb",c,1\nd,e,{SECRET}\n', ":4: level: expected a number"),
        ("client,reply,level\na,b,nan\n", ":2: level: expected a finite number"),
        ("client,reply,level\na,b\n", ":2: level: is missing"),
        ("client,reply,level\na, ,1\n", ":2: reply: is empty"),
        ("client,reply,level\na,b,1\nc,d,1\n", "level: x has only one level"),
        ("client,reply,level,mechanism\na,b,1,total\n", ":2: mechanism: 'total' is no name"),
    ],
)
def test_a_wrong_csv_names_file_line_and_column(tmp_path, content, words):
    path = tmp_path / "x.csv"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        read(str(path))
    message = str(caught.value)
    assert words in message and str(path) in message and "\n" not in message
    assert SECRET not in message


def test_what_is_not_there_is_one_line(tmp_path, epitome):
    (epitome / "explorations.csv").unlink()
    cases = {
        f"epitome:{tmp_path / 'none'}": "no such folder",
        f"epitome:{epitome}": "explorations.csv: no such file",
        f"csv:{tmp_path / 'none.csv'}": "no such file",
        "esconv:somewhere": "expected epitome:DIR, csv:FILE or FILE.csv",
    }
    for source, words in cases.items():
        with pytest.raises(InputError, match=words):
            read(source)


def test_epitome_levels_are_checked(epitome):
    path = epitome / "interpretations.csv"
    path.write_text(path.read_text().replace(",2\n", ",3\n").replace(",2\r\n", ",3\r\n"))
    with pytest.raises(InputError, match=r"interpretations.csv:6: level: expected 0, 1 or 2"):
        read(f"epitome:{epitome}")


def test_not_utf8_is_said(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"client,reply,level\na\xff,b,1\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read(str(path))


def test_two_sets_must_not_label_the_same_mechanism(tmp_path, epitome):
    rows = [("a", "b", 0, "reactions"), ("c", "d", 2, "reactions")]
    path = write_csv(tmp_path / "x.csv", ("client", "reply", "level", "mechanism"), rows)
    with pytest.raises(InputError, match="emotional_reactions is also in epitome:"):
        read_labels([f"epitome:{epitome}", str(path)])


def test_texts_stay_out_of_what_is_printed(epitome):
    assert "mother" not in repr(read(f"epitome:{epitome}"))
