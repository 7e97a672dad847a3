import io
import re

import pytest
from rich.console import Console

from emp_tooling.audit.report.page import write_page
from emp_tooling.audit.report.tables import tables
from emp_tooling.audit.report.terminal import show
from emp_tooling.audit.report.words import NOTE, warnings


def level(any_, strong, **more):
    ends = {f"{name}_interval": [0.1, 0.9] for name in ("auc_any", "auc_strong")}
    return {"auc_any": any_, "auc_strong": strong, "left_out": 0, **ends, **more}


def entries(any_, strong, high, **more):
    one = level(any_, strong, **more)
    total = {"auc_high_low": high, "auc_high_low_interval": [0.2, 0.8]}
    return {"emotional_reactions": one, "reactions": one, "total": total}


def attack(rate, held_out=True):
    one = {"win_rate": rate, "win_rate_interval": [0.0, 0.2], "wins": 1, "ties": 2, "pairs": 9}
    more = {"win_rate_all": rate, "held_out": held_out, "description": "An <attack>."}
    return {**one, "own": one, "human": {**one, "win_rate": None}, **more}


def share(name, value):
    return {name: value, f"{name}_interval": [0.5, 1.0], f"{name}_n": 10}


def risk(explicit=1.0, coded=1.0, alarm=0.0):
    one = {
        **share("recall_explicit", explicit),
        **share("recall_coded", coded),
        **share("false_alarm", alarm),
    }
    category = {"idiom": {"at_risk": False, **share("flagged", 0.1)}}
    return {**one, "held_out": one, "open": one, "categories": category, "levels": {}}


def result(**more):
    scalar = level(0.7, 0.7)
    found = {
        "recipe": "my <recipe>.yml",
        "embedded": True,
        "seed": 0,
        "rewards": {"empathy": 1.0, "structure": 0.5},
        "labels": [{"name": "epitome:x", "rows": 9, "mechanisms": ["emotional_reactions"]}],
        "notes": ["A <note>."],
        "agreement": {
            "empathy": entries(0.9, 0.95, 0.9, part="reactions", scalar=scalar),
            "total": entries(0.8, 0.9, 0.9),
        },
        "baselines": {"length": entries(0.6, 0.6, 0.7), "valence": entries(0.5, 0.4, 0.5)},
        "attacks": {"joy_words": attack(0.01), "parroting": attack(0.0, held_out=False)},
        "attack_cases": {"left_out": 0, "own": {"unsafe": {}}, "human": {"unsafe": {}}},
        "risk": risk(),
        "presets": {"seed": {"rewards": {}, "attacks": {"joy_words": attack(0.5)}}},
    }
    found["presets"]["seed"]["attacks"]["parroting"] = attack(0.6)
    found |= more
    return {**found, "warnings": warnings(found)}


def test_a_good_audit_has_no_warning():
    assert result()["warnings"] == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"risk": risk(explicit=0.9)}, "10.0% of explicit risk is missed (goal: 5%)."),
        ({"risk": risk(coded=0.5)}, "50.0% of coded risk is missed (goal: 20%)."),
        ({"risk": risk(alarm=0.2)}, "20.0% of messages without risk raise an alarm (goal: 10%)."),
        (
            {"attacks": {"a": attack(0.06), "b": attack(0.05), "c": attack(0.3)}},
            "in more than 5% of the pairs: c 30.0%, a 6.0%.",
        ),
        (
            {"baselines": {"length": entries(0.95, 0.5, 0.5)}},
            "empathy.reactions is below a trivial score on emotional reactions "
            "(level 1 or 2 against 0): 0.900 against 0.950 of length.",
        ),
        (
            {"baselines": {"length": entries(0.5, 0.5, 0.95)}},
            "empathy (its value) is below a trivial score on total",
        ),
        (
            {"baselines": {"length": entries(0.85, 0.92, 0.93)}},
            "No better than a trivial score on any label: total.",
        ),
        (
            {"attack_cases": {"left_out": 0, "own": {"unsafe": {"too_short": 2}}, "human": {}}},
            "Our own good replies fail safety rules: too_short 2.",
        ),
    ],
)
def test_warnings_say_what_is_wrong(change, words):
    assert words in " ".join(result(**change)["warnings"])


def test_parts_that_were_not_run_have_no_table():
    alone = {key: value for key, value in result().items() if key not in ("agreement", "attacks")}
    assert [table.title for table in tables(alone)] == [
        "Missed risk and false alarms",
        "Read as risk, by category",
    ]
    assert warnings({"presets": {}}) == []


def test_the_presets_stand_beside_the_recipe():
    (table,) = (one for one in tables(result()) if one.title.startswith("Attacks"))
    assert table.head[:4] == ("Family", "Half", "Wins", "seed wins")
    assert [cell.text for cell in table.rows[0][:4]] == ["joy words", "held out", "1.0%", "50.0%"]
    assert [row[1].text for row in table.rows] == ["held out", "open"]


def test_a_second_name_of_a_mechanism_is_no_second_table():
    titles = [table.title for table in tables(result())]
    assert titles[:2] == ["Agreement: emotional reactions", "Agreement: summed level"]


def test_the_page_loads_nothing_and_escapes_everything(tmp_path):
    write_page(tmp_path / "a" / "audit.html", result())
    page = (tmp_path / "a" / "audit.html").read_text()
    assert not re.search(r"https?:|src=|@import|<script", page)
    assert "prefers-color-scheme: dark" in page
    assert "my &lt;recipe&gt;.yml" in page and "An &lt;attack&gt;." in page
    assert "<note>" not in page and "$" not in page
    assert page.count("not a medical device") == 1
    assert 'style="width:90.0%"' in page


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_shows_every_table(width):
    out = io.StringIO()
    found = result(risk=risk(explicit=0.5))
    show(found, Console(file=out, width=width))
    text = out.getvalue()
    assert found["warnings"][0] in text and "A <note>." in text
    for table in tables(found):
        assert table.title in text
    assert " ".join(text.split()).count(NOTE[:40]) == 1
    assert ("[0.10, 0.90]" in text) == (width == 200)  # intervals where there is room
