"""``emp mood``: what it prints, what it writes, and its one line on bad input."""

import json
import sys

import pytest
from click.testing import CliRunner

from emp_tooling.cli import main
from emp_tooling.mood.sessions import example

from ..pages.looks import look

ANGRY = {"role": "user", "content": "SECRET I am so angry!", "affect": [0, -0.75, 0, 0]}
CALM = {"role": "user", "content": "SECRET <b>fine</b>\u2028\ud83d", "affect": [0.25, 0.25, 0, 0]}


def run(*arguments):
    return CliRunner().invoke(main, ["mood", *map(str, arguments)])


def write(path, *rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def talk(tmp_path):
    return write(tmp_path / "talk.jsonl", ANGRY, {"role": "assistant", "content": "Oh."}, CALM)


def test_without_a_file_the_example_is_shown():
    done = run()
    assert done.exit_code == 0, done.output
    for word in (
        "10 turns, polarity -0.50 to +0.30, +0.08 a turn; last 3: mean +0.18, improving",
        "gravest category: anxiety, high (turn 1)",
        "risk disclosed: level 2 of 4 in turn 4 (sleep_forever)",
        "The four dimensions of all turns are given in the file.",
        "A research aid, not a medical device",
    ):
        assert word in " ".join(done.stdout.split())
    assert "▃▃▃▃▃▄▄▅▅▆" in done.stdout  # polarity
    assert "terrified" not in done.stdout


def test_json_holds_every_turn(talk):
    done = run(talk, "--format", "json", "--window", 1)
    (session,) = json.loads(done.stdout)["sessions"]
    first, last = session["turns"]
    assert (first["temper"], first["polarity"], first["given"]) == (-0.75, -0.75, True)
    assert first["category"] == {"level": "high", "name": "outburst", "driver": "Temper"}
    assert first["risk"] == {"level": 0, "rule": "none", "so_far": 0}
    assert (last["polarity"], session["slope"]) == (0.25, 1.0)
    assert (session["window"], session["trend"], session["category"]["name"]) == (
        1,
        "Stable",
        "none",
    )
    assert "SECRET" not in done.output
    quoted = json.loads(run(talk, "--format", "json", "--quote").stdout)
    assert quoted["sessions"][0]["turns"][0]["text"] == ANGRY["content"]


def test_both_sides_are_shown_one_below_the_other(talk):
    done = run(talk, "--who", "both")
    assert done.exit_code == 0, done.output
    assert "talk (client)" in done.stdout and "talk (replies)" in done.stdout
    assert "2 of 3 turns given in the file, the others by the embedded emotion judge" in " ".join(
        done.stdout.split()
    )


def test_many_sessions_get_a_line_each_and_a_course_over_all(tmp_path):
    rows = [{**ANGRY, "session": f"day {n}", "affect": [n / 10, 0, 0, 0]} for n in range(9)]
    done = run(write(tmp_path / "days.jsonl", *rows))
    assert done.exit_code == 0, done.output
    assert done.stdout.count("\nday ") == 9 and "Introsp." not in done.stdout
    assert "Over 9 sessions" in done.stdout and "+0.10 a session, improving" in done.stdout


def test_text_is_shown_only_when_asked_for_and_is_harmless(talk, tmp_path):
    pages = tmp_path / "a.html", tmp_path / "b.html"
    plain, quoted = run(talk, "--html", pages[0]), run(talk, "--html", pages[1], "--quote")
    assert plain.exit_code == quoted.exit_code == 0, plain.output + quoted.output
    assert "SECRET" not in plain.output + pages[0].read_text()
    assert "SECRET" in quoted.stdout
    assert "SECRET &lt;b&gt;fine" in pages[1].read_text()
    assert pages[1].stat().st_mode & 0o777 == 0o600  # a client's words, for the owner alone


def test_the_picture(talk, tmp_path):
    pytest.importorskip("matplotlib")
    from PIL import Image

    done = run(talk, "--png", tmp_path / "deep/mood.png")
    assert done.exit_code == 0 and f"wrote {tmp_path}/deep/mood.png" in done.stderr, done.output
    with Image.open(tmp_path / "deep/mood.png") as picture:
        assert picture.size[0] == 1200 and "research aid" in picture.text["Description"]
        colors = {color for _, color in picture.convert("RGB").getcolors(1 << 16)}
    assert {(0x16, 0x70, 0x7A), (0xA8, 0x56, 0x1A), (0xC9, 0xC4, 0xB8)} <= colors  # lines, bars


def test_the_picture_leaves_out_what_does_not_fit(tmp_path):
    pytest.importorskip("matplotlib")
    rows = [{**ANGRY, "session": f"$day_{n}^"} for n in range(14) for _ in range(2)]
    rows.append({**ANGRY, "session": "one turn"})
    done = run(write(tmp_path / "days.jsonl", *rows), "--png", tmp_path / "mood.png")
    assert done.exit_code == 0, done.output
    assert "mood.png leaves out 7 of 15 profiles" in done.stderr


def test_without_matplotlib_the_message_says_what_to_install(talk, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = run(talk, "--png", tmp_path / "mood.png")
    assert done.exit_code == 2 and not (tmp_path / "mood.png").exists()
    assert done.stderr == "Error: --png needs matplotlib: pip install 'empathy-recipes[plots]'\n"


def test_notes_go_to_stderr(talk, tmp_path):
    with talk.open("a") as file:
        file.write('{"role": "us')
    silent = write(tmp_path / "silent.jsonl", {"role": "assistant", "content": "Hello?"})
    done = run(talk, silent, "--format", "json")
    assert done.stderr.splitlines() == [
        "note: 1 half-written line skipped",
        "note: 1 session without a message of the client",
    ]
    assert json.loads(done.stdout)["broken_lines"] == 1


def test_the_recipe_s_judges_matrix_and_thresholds(talk, tmp_path):
    recipe = tmp_path / "recipe.yml"
    recipe.write_text(
        "empathy:\n  judges: {emotion: {backend: hf, model: nobody/there}}\n"
        "  categories: {names: {temper: rage}}\n"
    )
    done = run(talk, "--recipe", recipe, "--embedded")
    assert done.exit_code == 0 and "rage, high" in done.stdout, done.output


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (
            [{"role": "nurse", "content": "SECRET"}],
            (),
            ":1: role: unknown role 'nurse'; did you mean 'user'? (allowed: ass",
        ),
        ([], (), ": no messages; a line holds role and content"),
        ([ANGRY], ("--who", "reply"), "no message of the reply in 1 session; see --who"),
        ([ANGRY], ("--window", "0"), "--window"),
        ([ANGRY], ("--recipe", "nowhere.yml"), "nowhere.yml"),
    ],
)
def test_bad_input_is_one_line_and_status_2(tmp_path, rows, options, message):
    done = run(write(tmp_path / "talk.jsonl", *rows), *options)
    assert done.exit_code == 2 and message in done.stderr, done.output
    assert "SECRET" not in done.output and "Traceback" not in done.output
    assert done.stderr.splitlines()[-1].startswith("Error: ")


def test_a_recipe_without_the_block(talk, tmp_path):
    recipe = tmp_path / "recipe.yml"
    recipe.write_text("base_model: x\n")
    done = run(talk, "--recipe", recipe)
    assert done.exit_code == 2 and done.stderr == f"Error: {recipe}: no empathy: block\n"


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_page_in_a_browser(browser, tmp_path, width, dark):
    name = "<script>alert(1)</script>"
    rows = ({**row, "session": name} for row in (ANGRY, CALM))
    hostile = write(tmp_path / "hostile.jsonl", *rows)
    path = tmp_path / "mood.html"
    done = run(example(), hostile, "--html", path, "--quote")
    assert done.exit_code == 0, done.output
    seen = look(browser, path, width=width, dark=dark)
    assert seen.errors == [] and not seen.overflow and seen.overlaps == []
    assert len(seen.charts) == 6  # both sessions, and over the sessions
    for chart in seen.charts:
        assert chart.painted and chart.width > 200 and chart.height > 4, chart
    for words in ("research aid", "sleep_forever", "Sensitivity", name):
        assert words in seen.text
