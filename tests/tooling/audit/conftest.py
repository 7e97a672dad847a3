"""A small labelled set, written for these tests, in EPITOME's files."""

import csv

import pytest

# client, reply, and how much it holds of reactions, interpretations and explorations
ROWS = [
    ("My dog died and the flat is so quiet.", "I am so sorry, I care about you.", 2, 0, 0),
    ("I failed the exam again.", "I'm so sorry, that must hurt. I love you, friend.", 2, 0, 0),
    ("My boss shouts at me every day.", "I'm sorry. Hoping it gets better for you.", 1, 0, 0),
    ("Nobody came to my birthday.", "That is sad. I hope next year is kinder.", 1, 0, 0),
    ("I cannot fall asleep.", "It sounds like the nights feel endless to you.", 0, 2, 0),
    ("I moved and know nobody here.", "You feel cut off from everyone you knew.", 0, 2, 0),
    ("My sister will not talk to me.", "What happened between the two of you?", 0, 0, 2),
    ("I quit my job.", "How do you feel about it now? What led to it?", 0, 0, 2),
    ("I burnt the dinner.", "Did you eat something else?", 0, 0, 1),
    ("The bus was late again.", "Mine was on time for once.", 0, 0, 0),
    ("I hate mondays.", "The shop opens at nine on mondays.", 0, 0, 0),
    ("My phone broke.", "There is a repair place by the station.", 0, 0, 0),
    ("I lost my mother.", "I'm so sorry. You sound lost without her. What was she like?", 2, 2, 2),
    ("I am scared of the surgery.", "I'm so sorry you are scared. What worries you?", 2, 0, 2),
]
COLUMNS = ("emotional-reactions", "interpretations", "explorations")


@pytest.fixture
def epitome(tmp_path):
    folder = tmp_path / "epitome"
    folder.mkdir()
    header = ("sp_id", "rp_id", "seeker_post", "response_post", "level")
    for place, name in enumerate(COLUMNS, 2):
        lines = [(f"s{n}", f"r{n}", row[0], row[1], row[place]) for n, row in enumerate(ROWS)]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *lines])
    return folder
