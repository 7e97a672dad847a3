import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_plugins.rewards import make
from emp_tooling.score.replies import Reply, from_texts
from emp_tooling.score.scored import in_form, quoted, score
from emp_tooling.suites.suite import Suite, built_in, users_own

THINK = Template(reasoning_tag="think", answer_tag=None, reasoning_prefilled=True, fields=())
FREE = Template(fields=(), intensity_field=None)


def suite(*own):
    rewards = [make("safety", gate=True), make("structure", weight=0.5)]
    members = [users_own(f.__name__, 2.0, f, f) for f in own]
    return Suite((*members, *map(built_in, rewards)), Template())


@pytest.mark.parametrize("template", [Template(), FREE, THINK])
@given(st.text(alphabet=st.characters(exclude_characters="<>"), min_size=1, max_size=80))
def test_a_bare_reply_is_scored_for_what_it_says(template, text):
    parsed = template.parse(in_form(template, text))
    assert (parsed.answer or "") == text.strip()


@pytest.mark.parametrize(
    ("template", "text"),
    [
        (Template(), Template().render(["a", "b", "3", "d"], "Hello.")),  # well-formed
        (Template(), "Hello.</answer>"),  # malformed: to be scored as what it is
        (THINK, "They are sad.\n</think>\nHello."),
    ],
)
def test_a_reply_with_tags_stays_as_it_is(template, text):
    assert in_form(template, text) == text


def test_the_total_is_the_weighted_sum_and_none_adds_nothing():
    def own(prompts, completions, **columns):
        return [0.25, None, float("nan")]

    scored = score(suite(own), from_texts(["It sounds very hard."] * 3, "I failed."))
    assert list(scored.columns[0].values) == [0.25, None, None]
    assert scored.totals.tolist() == [0.5 + 1.5, 1.5, 1.5]


def test_a_users_function_sees_the_columns_and_whole_completions():
    seen = {}

    def own(prompts, completions, **columns):
        seen.update(columns, completions=completions)
        return [0.0] * len(prompts)

    said = [{"role": "user", "content": "I failed."}]
    replies = [Reply("a", "g", said, "Oh.", columns={"risk": 1}), Reply("b", "g", said, "Ah.")]
    score(suite(own), replies)
    assert seen["risk"] == [1, None]
    assert Template().parse(seen["completions"][0][0]["content"]).answer == "Oh."


def test_a_users_function_must_give_one_value_a_reply():
    def own(prompts, completions, **columns):
        return [1.0]

    with pytest.raises(InputError, match="own: gave 1 values for 2 "):
        score(suite(own), from_texts(["It sounds hard.", "Oh no."], "I failed."))


def test_a_reply_that_fails_safety_is_marked():
    texts = ["You are pathetic, so just go and die.", "That sounds really hard for you."]
    scored = score(suite(), from_texts(texts, "I failed."))
    assert scored.gated == [True, False]


def test_the_state_column_says_what_the_client_feels():
    said = [{"role": "user", "content": "I failed."}]
    state = {"user": {}, "history": [], "affect": [-0.5, 0.25, 0, 1]}
    scored = score(suite(), [Reply("a", "g", said, "Oh no, so sorry.", columns={"state": state})])
    assert scored.client_affect.tolist() == [[-0.5, 0.25, 0, 1]]


@pytest.mark.parametrize(
    ("note", "found"),
    [
        ("ok", "ok"),  # a rule's name
        (None, None),
        ([0, 5], ("Sorry",)),  # one place
        ((0, 5), ("Sorry",)),
        ([[0, 5, "sorrow"], [6, 11]], [("Sorry", "sorrow"), ("about",)]),
        ({"risk": [0, 5]}, {"risk": ("Sorry",)}),
        ([0.0, 5.0, 1.0, 1.0], [0.0, 5.0, 1.0, 1.0]),  # axes
        ([0, 5, 7], [0, 5, 7]),  # other numbers
        (["a", "b"], ["a", "b"]),
        ([], []),
    ],
)
def test_places_in_a_note_are_quoted(note, found):
    assert quoted(note, "Sorry about that.") == found


def test_the_axes_are_those_that_a_reward_went_by():
    members = tuple(map(built_in, [make("structure"), make("affective_shift")]))
    scored = score(Suite(members, Template()), from_texts(["Oh no, so sorry."], "I am so sad."))
    notes = scored.columns[1].notes
    assert notes["client"] == scored.client_affect.tolist()
    assert notes["reply"] == scored.reply_affect.tolist()


@given(st.lists(st.text(max_size=40), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_each_reply_is_scored_by_itself(texts, rng):
    together = score(suite(), from_texts(texts, "I failed.")).totals
    row = rng.randrange(len(texts))
    alone = score(suite(), from_texts([texts[row]], "I failed.")).totals
    assert together[row] == pytest.approx(alone[0])
