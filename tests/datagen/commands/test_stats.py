"""What stats says of a file, in the terminal, as JSON and as a page."""

import json
import shutil
import subprocess
from html.parser import HTMLParser

import pytest
from click.testing import CliRunner

from emp_datagen.cli import main
from emp_datagen.stats import measure

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
FIRST = [
    "rows", "schema_valid", "near_duplicates", "distinct_2", "length_ratio",
    "judge_agreement", "dropped", "personas", "errors",
]  # fmt: skip


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def figures(path, *args):
    result = run("stats", path, "--format", "json", *args)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def write(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One file of each kind."""
    place = tmp_path_factory.mktemp("stats")
    for verb in ("pairs", "prompts", "kto", "groups", "dialogues"):
        made = run(verb, "--personas", "mdd,gad", "--n", 30, "--out", place / f"{verb}.jsonl")
        assert made.exit_code == 0, made.output
    return place


def test_one_json_object_with_the_keys_in_order(folder):
    path = folder / "pairs.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    report = json.loads((folder / "pairs.run.json").read_text())
    found = figures(path)
    assert list(found)[: len(FIRST)] == FIRST
    assert found["rows"] == 30 and found["schema_valid"] == 1.0 and found["kind"] == "pair"
    assert found["dropped"] == report["dropped"] and found["failed"] == {}
    assert found["personas"] == {"gad": 15, "mdd": 15}
    assert sum(found["errors"].values()) == 30
    assert found["errors"][rows[0]["error"]] == sum(r["error"] == rows[0]["error"] for r in rows)
    assert sum(found["risk"].values()) == 30 and found["turns"] == {"1": 30}
    judged = sum(one["judged"] for one in report["agreement"].values())
    agree = sum(one["agree"] for one in report["agreement"].values())
    assert found["judge_agreement"] == agree / judged
    assert 0 < found["distinct_1"] < found["distinct_2"] < found["distinct_3"] <= 1
    assert found["lengths"]["chosen"]["count"] == 30
    sides = found["distinct_by_side"]
    assert sides["chosen"]["tokens"] == sides["rejected"]["tokens"]


@pytest.mark.parametrize(
    ("verb", "kind", "replies", "length_ratio"),
    [
        ("prompts", "prompt", 0, None),  # no replies: no diversity, no agreement
        ("kto", "kto", 30, None),  # one reply a row: nothing to divide by
        ("groups", "group", 240, None),
        ("dialogues", "dialogue", None, None),
    ],
)
def test_every_kind_is_told_by_its_columns(folder, verb, kind, replies, length_ratio):
    found = figures(folder / f"{verb}.jsonl")
    assert found["kind"] == kind and found["schema_valid"] == 1.0 and found["rows"] == 30
    assert found["length_ratio"] == length_ratio
    counts = [one["count"] for side, one in found["lengths"].items() if side != "client"]
    assert replies is None or sum(counts) == replies
    assert (found["distinct_2"] is None) == (replies == 0)


def test_parquet_says_what_jsonl_says(folder, tmp_path):
    made = run("pairs", "--personas", "mdd,gad", "--n", 30, "--out", tmp_path / "p.parquet")
    assert made.exit_code == 0, made.output
    one, other = figures(folder / "pairs.jsonl"), figures(tmp_path / "p.parquet")
    assert {**one, "columns": sorted(one["columns"])} == {
        **other, "columns": sorted(other["columns"])
    }  # fmt: skip


def test_a_users_own_pairs(tmp_path):
    pair = {"prompt": "I can't sleep.", "chosen": "a b c d", "rejected": "e f"}
    again = {"prompt": [{"role": "user", "content": "Hi."}], "chosen": "a b c d", "rejected": "g h"}
    found = figures(write(tmp_path / "own.jsonl", pair, again))
    nothing = ("schema_valid", "judge_agreement", "dropped", "failed")
    assert all(found[name] is None for name in nothing)
    assert found["personas"] == found["errors"] == found["risk"] == {}
    assert found["length_ratio"] == 2.0
    assert found["near_duplicates"] == 0.25  # one of four replies was there before
    assert found["distinct_1"] == 8 / 12


def test_near_duplicates_count_each_side_with_its_like(tmp_path):
    text = "I hear how much this weighs on you and I am here to listen"
    pair = {"prompt": "Hi.", "chosen": text, "rejected": text}
    assert figures(write(tmp_path / "p.jsonl", pair))["near_duplicates"] == 0.0


def test_agreement_by_the_rows_where_there_is_no_report(tmp_path):
    def row(margin, veto="", error="minimising"):
        scores = {"margin": margin, "chosen": {"veto": veto, "polarity": 0.5}}
        return {"prompt": "a", "chosen": "b", "rejected": "c", "scores": scores, "error": error}

    rows = [row(0.4), row(-0.1), row(0.3, veto="advice"), row(0.2, error=None)]
    found = figures(write(tmp_path / "p.jsonl", *rows))
    assert found["judge_agreement"] == 0.5  # a vetoed reply is not preferred
    assert found["agreement_by_error"]["minimising"] == {"judged": 3, "agree": 1}
    assert found["polarity"]["chosen"] == {"median": 0.5, "mean": 0.5, "count": 4}


def test_rows_that_break_the_schema_are_counted(folder, tmp_path):
    lines = (folder / "pairs.jsonl").read_text().splitlines()
    broken = {**json.loads(lines[0]), "risk": 7}
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join([*lines[1:4], json.dumps(broken)]) + "\n")
    assert figures(path)["schema_valid"] == 0.75


def test_a_report_counts_only_for_its_file(folder, tmp_path):
    for name in ("pairs.jsonl", "pairs.run.json"):
        shutil.copy(folder / name, tmp_path)
    path = tmp_path / "pairs.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:10]))
    changed = figures(path)
    assert changed["dropped"] is not None and "was changed since" in changed["notes"][0]
    other = path.rename(tmp_path / "other.jsonl")
    (tmp_path / "pairs.run.json").rename(tmp_path / "other.run.json")
    found = figures(other)
    assert found["dropped"] is None and "another file" in found["notes"][0]


def test_reasoning_is_not_counted(tmp_path):
    made = run("pairs", "--personas", "mdd", "--n", 6, "--structure", "--out", tmp_path / "s.jsonl")
    assert made.exit_code == 0, made.output
    row = json.loads((tmp_path / "s.jsonl").read_text().splitlines()[0])
    assert "<reasoning>" in row["chosen"][0]["content"]
    plain = run("pairs", "--personas", "mdd", "--n", 6, "--out", tmp_path / "p.jsonl")
    assert plain.exit_code == 0
    one, other = figures(tmp_path / "s.jsonl"), figures(tmp_path / "p.jsonl")
    assert one["lengths"] == other["lengths"] and one["distinct_2"] == other["distinct_2"]


def test_names_are_bounded(tmp_path):
    rows = [{"prompt": "a", "chosen": "b", "rejected": "c", "persona": f"p{n}"} for n in range(600)]
    rows.append({**rows[0], "persona": "I am no name but a whole message. " * 9})
    found = figures(write(tmp_path / "p.jsonl", *rows))
    assert len(found["personas"]) == 501 and found["personas"]["(other)"] == 101


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ('{"prompt": "a", "chosen": "b", "rejected": "c"}\n\n{"prompt"', "x.jsonl:3: not JSON"),
        ("[1]", "x.jsonl:1: expected an object"),
        ('{"a": 1}', "x.jsonl:1: no known columns"),
        ('{"prompt": "a"}\n{"completion": "b"}', "x.jsonl:2: a completion row, but"),
        ('{"prompt": "a", "chosen": 3, "rejected": "c"}', "x.jsonl:1: chosen: expected text"),
        ('{"prompt": "a", "chosen": [{"role": "assistant"}], "rejected": "c"}',
         "x.jsonl:1: chosen.0.content: expected text"),
        ('{"prompt": "a", "chosen": " ", "rejected": "c"}', "x.jsonl:1: chosen: no text"),
        ('{"prompt": 5, "chosen": "a", "rejected": "c"}', "x.jsonl:1: prompt: expected text"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line(tmp_path, text, message):
    path = tmp_path / "x.jsonl"
    path.write_text(text)
    result = run("stats", path)
    assert result.exit_code == 2 and message in result.stderr
    assert result.stderr.count("\n") == 1 and "Traceback" not in result.stderr


def test_a_missing_file_is_one_line(tmp_path):
    result = run("stats", tmp_path / "no.jsonl")
    assert result.exit_code == 2 and "no such file" in result.stderr


def test_the_terminal_shows_the_tables(folder):
    shown = run("stats", folder / "pairs.jsonl").stdout
    for word in ("Schema-valid", "Personas", "mdd", "Clinical errors", "Risk levels", "Words"):
        assert word in shown


class Tags(HTMLParser):
    VOID = {"meta", "wbr"}

    def __init__(self):
        super().__init__()
        self.open, self.links = [], []

    def handle_starttag(self, tag, attrs):
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(folder):
    result = run("stats", folder / "pairs.jsonl", "--out", folder / "report")
    assert result.exit_code == 0, result.output
    return folder / "report" / "stats.html"


def test_the_page_is_whole_and_loads_nothing(page):
    parser = Tags()
    text = page.read_text()
    parser.feed(text)
    assert not parser.open and not parser.links
    assert "url(" not in text and "@import" not in text
    assert "prefers-color-scheme: dark" in text and "<svg" in text


def test_the_page_escapes(tmp_path):
    row = {"prompt": "a", "chosen": "b", "rejected": "c", "persona": "<script>alert(1)</script>"}
    path = write(tmp_path / "<b>.jsonl", row)
    assert run("stats", path, "--html", tmp_path / "p.html").exit_code == 0
    text = (tmp_path / "p.html").read_text()
    assert "<script>" not in text and "<b>" not in text and "&lt;script&gt;" in text


def test_a_page_does_not_replace_data(folder):
    path = folder / "pairs.jsonl"
    before = path.read_bytes()
    result = run("stats", path, "--html", path)
    assert result.exit_code == 2 and "must end in .html" in result.stderr
    assert path.read_bytes() == before


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.parametrize("width", [400, 1000])
def test_a_browser_lays_the_page_out(page, tmp_path, width):
    """A frame of that width stands for the phone: a window of a browser has a least width."""
    shot = tmp_path / "shot.html"
    inner = page.read_text().replace("&", "&amp;").replace('"', "&quot;")
    # Scripts are off in the page; the frame around it measures.
    shot.write_text(
        f'<iframe width="{width}" height="900" srcdoc="{inner}"></iframe><p id="n"></p><script>'
        "onload = () => { const d = document.querySelector('iframe').contentDocument;"
        "const r = d.documentElement, b = d.querySelector('.bar .fill').getBoundingClientRect();"
        "const t = [...d.querySelectorAll('.scroll')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1);"
        "document.querySelector('#n').textContent = JSON.stringify({page: r.scrollWidth,"
        "wide: t.length, bar: b.width, tables: d.querySelectorAll('table').length}) }</script>"
    )
    flags = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    )  # fmt: skip
    done = subprocess.run(
        [CHROMIUM, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", shot.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    told = done.stdout.rpartition('<p id="n">')[2].partition("</p>")[0]
    assert told, done.stderr[-2000:]
    seen = json.loads(told)
    assert seen["page"] <= width  # nothing sticks out sideways
    assert seen["tables"] >= 8 and seen["bar"] > 20
    assert width < 600 or seen["wide"] == 0


def test_memory_does_not_grow_with_the_file(tmp_path):
    import tracemalloc

    def peak(rows):
        path = tmp_path / f"{rows}.jsonl"
        with path.open("w") as file:
            for n in range(rows):
                words = " ".join(f"w{(n * k) % 997}" for k in range(1, 12))
                file.write(json.dumps({"prompt": "a", "chosen": words, "rejected": "b"}) + "\n")
        measure(path)
        tracemalloc.start()
        measure(path)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held

    assert peak(2400) < 1.05 * peak(1200)  # samples are full by then
