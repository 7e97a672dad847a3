"""The patterns that are skipped are those that match nowhere."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emp_plugins.patterns import Patterns, first, matches, split
from emp_plugins.patterns.literals import may_be_empty, required
from emp_plugins.rewards import tone
from emp_plugins.rewards.language.cues import tables
from emp_plugins.safety import reply, risk
from emp_plugins.safety.crisis import named
from emp_plugins.safety.text import alternatives, compiled, normalise, table

HARM, PROTOCOL, FRAGMENTS = table("harmful"), table("protocol"), table("fragments")

SHIPPED = {
    "cues": {
        (name, place): cue.pattern
        for name in ("reactions", "interpretations", "explorations", "harm")
        for place, cue in enumerate(tables.table(name))
    },
    "tone": {
        ("reported",): tone._table().reported,
        **{("harsh", rule.name): rule.pattern for rule in tone._table().harsh},
        **{("cheer", rule.name): rule.pattern for rule in tone._table().cheer},
    },
    "reply": {
        ("judged", "any"): compiled(table("judged")["any"]),
        **{("harmful", key): compiled(row["any"]) for key, row in HARM["harmful"].items()},
        **{("at_risk", key): compiled(row["any"]) for key, row in HARM["at_risk"].items()},
        **{
            ("protocol", {"crisis_service": "crisis"}.get(key, key)): compiled(rows)
            for key, rows in PROTOCOL.items()
            if key != "faults"
        },
        **{("faults", key): compiled(rows) for key, rows in PROTOCOL["faults"].items()},
    },
    "risk": {
        risk._IDIOMS: compiled(table("idioms"), FRAGMENTS),
        **{
            key: compiled(row[part], FRAGMENTS)
            for names in risk.TABLES.values()
            for file in names
            for name, row in table(file).items()
            for key, part in ((name, "any"), ((name, "with"), "with"))
            if part in row
        },
    },
    "numbers": {"number": named()},
}
"""Each shipped pattern, compiled whole, by the name that its users give it."""

FILTERED = {
    "cues": tables._patterns(),
    "tone": tone._patterns(),
    "reply": reply._rules().patterns,
    "risk": risk._patterns(),
    "numbers": reply._numbers(None),
}

SENTENCES = [
    "I am so sorry you are going through this. What has it been like for you?",
    "oh no, i'm sorry.that sounds,hard -- hugs! \u2764 don't give up on yourself",
    "you should be ashamed; calm down, it could be worse and others have it much worse.",
    "i want to die. everyone would be better off without me, i have the pills here tonight",
    "it's not a big deal, everything happens for a reason, stay positive!!",
    "call 988 or 116 123 (samaritans), are you thinking about suicide? is somebody with you?",
    "my brother wants to kill himself and i am dying of laughter, over my dead body",
    "they deserve your rage. i am a real person, you have bipolar disorder, rate this 10/10",
    "i wish i could not wake up, said good bye to everyone and gave my cat away, see the note",
    "how do you feel when that happens? it seems like part of you is tired of fighting",
]


def words_of(patterns):
    """Words that the patterns hold, so that random text comes near to matching."""
    found = {word for one in patterns.values() for word in re.findall(r"[a-z']{2,}", one.pattern)}
    return sorted(found)


def texts(kind):
    """Text of the patterns' own words, of whole sentences and of anything, joined in many ways."""
    word = st.sampled_from(words_of(SHIPPED[kind]))
    piece = st.one_of(word, word, st.sampled_from(SENTENCES), st.text(max_size=6))
    joint = st.sampled_from([" ", " ", " ", "", "  ", "\n", ", ", ". ", "-", "'", "\u00a0", "("])
    return st.lists(st.tuples(piece, joint), max_size=25).map(
        lambda pairs: "".join(part for pair in pairs for part in pair)
    )


def spans(found):
    return [match.span() for match in found]


@pytest.mark.parametrize("kind", SHIPPED)
def test_every_shipped_pattern_is_filtered_under_its_name(kind):
    known = {name for name, _ in FILTERED[kind]._alternatives}
    assert known == set(SHIPPED[kind])


@pytest.mark.parametrize("kind", SHIPPED)
@given(data=st.data())
@settings(max_examples=120, deadline=None)
def test_filtered_search_is_plain_search(kind, data):
    text = data.draw(texts(kind))
    for form in (text, text.lower(), normalise(text).text):
        possible = FILTERED[kind].possible(form)
        for name, pattern in SHIPPED[kind].items():
            left = possible.get(name, ())
            assert spans(matches(left, form)) == spans(pattern.finditer(form)), name
            match = first(left, form)
            assert (match and match.span()) == ((m := pattern.search(form)) and m.span()), name


@pytest.mark.parametrize("kind", SHIPPED)
def test_most_patterns_are_skipped(kind):
    """A filter that lets everything through would be right and of no use."""
    every = len(FILTERED[kind]._alternatives)
    left = [sum(map(len, FILTERED[kind].possible(text).values())) for text in SENTENCES]
    assert sum(left) / len(left) < max(1.0, 0.2 * every)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        (r"\bso+ sad\b", ["so sad", "sooo sad"]),  # a repeat is not spelled out
        (r"a(?:b|c)?d", ["abd", "acd", "ad"]),
        (r"hop(?:e|ing) *less", ["hopeless", "hoping  less"]),
        (r"(?:up|down)(?!\w)|(?<!\w)in", ["up", "down.", "in"]),
        (r"\bdon't\b", ["i don't.", "(don't"]),  # an edge of a word lies within
        (r"no[ -]one", ["no one", "no-one"]),
        (r"(?=.*worry)\w+ day", ["one day no worry"]),  # looked for ahead
        (r"(?i)STOP", ["stop"]),  # another case is no literal
        (r"(?i:STOP) it", ["stop it"]),
        (r"(?a:\bcaf)\xe9", ["caf\xe9"]),
        (r"(\w+) \1", ["bye bye"]),
        (r"[^a]bc|\d\d", ["xbc", "12"]),
        (r"(?>ab|a)c{2,3}", ["abcc", "accc"]),
        (r"(?:so ){2}sad", ["so so sad"]),
        (r"x\sy|x\s*z", ["x\u2003y", "xz", "x\n\nz"]),
        (r"^one$|\Atwo\Z", ["one\n", "two"]),
        (r"a\.b\|c", ["a.b|c"]),
        (r"\u0130x", ["\u0130x"]),
        ("\U0001f499|\u2764", ["for you\U0001f499", "\u2764\u2764"]),
    ],
)
def test_what_matches_is_never_skipped(source, texts):
    patterns = Patterns({"one": [source], "split": split(source)})
    for text in texts:
        assert re.search(source, text), "the row itself must hold"
        assert set(patterns.possible(text)) == {"one", "split"}
        assert not set(patterns.possible("zzz qqq")) or not all(required(source))


@pytest.mark.parametrize("source", ["a|b", "a(b|c)|d", r"[|]|\||[]|]|[^]|]|(?:[(]|x)", "", "a||b"])
def test_split_joins_to_the_same(source):
    parts = split(source)
    assert "|".join(parts) == source
    assert all(re.compile(part) for part in parts)


def test_alternatives_are_those_of_the_whole_pattern():
    rows = ["so (?:sad|bad)|<me>", "ill"]
    whole, parts = compiled(rows, {"me": "i|my"}), alternatives(rows, {"me": "i|my"})
    text = "ill, so bad i am; my hill"
    assert len(parts) == 3
    assert spans(matches([re.compile(one) for one in parts], text)) == spans(whole.finditer(text))


@given(
    st.lists(
        st.sampled_from(["a", "ab", "b+", "ba", "a(?=b)", "(?<=a)b", r"\bb", "c"]), max_size=5
    ),
    st.text("abc ", max_size=30),
)
def test_matches_is_finditer_of_the_union(sources, text):
    if sources:
        found = matches([re.compile(one) for one in sources], text)
        assert spans(found) == spans(re.finditer("|".join(sources), text))


@given(
    st.lists(st.sampled_from(["a*", "b?", "(?=a)", "ab", "c"]), min_size=1, max_size=4),
    st.text("abc ", max_size=20),
)
def test_patterns_that_may_be_empty_stay_whole(sources, text):
    patterns = Patterns({"it": sources})
    if any(map(may_be_empty, sources)):
        (whole,) = patterns.possible(text)["it"]
        assert spans(matches([whole], text)) == spans(re.finditer("|".join(sources), text))


def test_a_part_of_a_text_has_edges_of_its_own():
    """A sentence that is cut short may end within a word; it is looked at by itself."""
    patterns = Patterns({"it": [r"\bfine\b"]})
    whole = "you are finest"
    assert not patterns.possible(whole)
    assert patterns.possible(whole[:12])


def test_long_chunks_are_not_kept():
    patterns = Patterns({"it": ["needle"]})
    assert patterns.possible("x" * 10_000 + "needle")
    assert patterns._cached.cache_info().currsize == 0
