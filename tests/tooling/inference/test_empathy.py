"""Replies of a model that says what the test scripts: prompt, state, risk, structure, safety."""

import contextlib
import itertools

import numpy as np
import pytest

from emp_plugins import judges
from emp_plugins.affect import hourglass
from emp_plugins.affect.state import render
from emp_plugins.completion import Template
from emp_plugins.errors import InputError
from emp_tooling.inference import EmpathyInference, Piece
from emp_tooling.models.endpoint import EndpointDown

SAD, RISK = "I feel so empty since she left.", "I don't want to be here anymore."
WARM = "That sounds so heavy. What has been hardest about it?"
CARE = (
    "I'm really glad you told me. Are you thinking about killing yourself? You can call Samaritans "
    "on 116 123 right now, and I want to stay with this with you."
)
LINES = ["her leaving", "grief, emptiness", "4", "acknowledge and explore"]


def shaped(answer):
    return Template().render(LINES, answer)


def prompt_of(endpoint):
    return endpoint.requests[-1]["messages"]


def test_a_reply(listener):
    reply = listener(shaped(WARM)).respond(SAD)
    assert (reply.answer, reply.problems, reply.safety) == (WARM, (), "")
    assert reply.reasoning.startswith("- User's main concern: her leaving")
    assert reply.raw == shaped(WARM)
    assert reply.state.affect[0] < 0 and len(reply.state.history) == 1
    assert (reply.risk.level, reply.risk.rule, reply.risk.resources) == (0, "none", ())
    assert listener(shaped(WARM)).generate_empathetic_response(SAD) == WARM


@pytest.mark.parametrize("style", ["short", "full", None])
def test_the_prompt_is_that_of_the_training(listener, endpoint, tmp_path, style):
    template = tmp_path / "template.yml"
    template.write_text("system: Be kind.\n")
    user = {"diagnosis": "MDD", "severity": "Moderate"}
    block = {"template": str(template), "rewards": {}}
    made = listener(shaped(WARM), style, user, empathy=block)
    talk = [
        {"role": "user", "content": SAD},
        {"role": "assistant", "content": WARM},
        {"role": "user", "content": "The evenings."},
    ]
    reply = made.respond(talk)
    last = render(reply.state, "The evenings.", style) if style else "The evenings."
    assert prompt_of(endpoint) == [
        {"role": "system", "content": "Be kind."},
        *talk[:2],  # only the last message has a header, as in the data
        {"role": "user", "content": last},
    ]
    assert dict(reply.state.user) == user and len(reply.state.history) == 2
    assert list(made.read(talk).prompt) == prompt_of(endpoint)


def test_a_system_message_of_the_caller_stays(listener, endpoint):
    own = {"role": "system", "content": "Whisper."}
    listener(shaped(WARM)).respond([own, {"role": "user", "content": SAD}])
    assert prompt_of(endpoint)[0] == own and len(prompt_of(endpoint)) == 2


def test_the_state_is_what_the_judge_reads(listener):
    turns = [SAD, "I am furious with him.", "Thank you, that helps a little."]
    talk = [{"role": "user", "content": turn} for turn in turns]
    state = listener(shaped(WARM)).read(talk).state
    scores = judges.load("emotion").score(turns)
    dims = np.clip(hourglass.dimensions(scores, hourglass.matrix()), -1, 1)
    assert state.affect == pytest.approx(dims[-1])
    assert state.history == pytest.approx(hourglass.polarity(dims))
    assert state.trend == "Improving"


def test_risk_once_disclosed_stays(listener):
    talk = [
        {"role": "user", "content": RISK},
        {"role": "assistant", "content": CARE},
        {"role": "user", "content": "I went for a walk today."},
    ]
    made = listener(shaped(WARM))
    first, later = made.read(talk[:1]).risk, made.read(talk).risk
    assert first.level == later.level == 2 and first.rule == later.rule
    assert [found.contact for found in later.resources][:1] == ["116 123"]  # the recipe's locale
    assert made.read(talk[2:]).risk.resources == ()


def test_a_wish_not_to_wake_up_is_no_hope(listener):
    affect = listener("").read("Some nights I wish I could just not wake up.").state.affect
    assert affect[0] <= -0.5 and max(affect) <= 0


def test_the_caller_s_locale_counts_before_the_recipe_s(listener):
    contacts = [found.contact for found in listener("", locale="en-US").read(RISK).risk.resources]
    assert contacts[0] == "988"


def test_the_category_follows_the_recipe_s_thresholds(listener):
    block = {
        "rewards": {},
        "categories": {"elevated": 1.0, "driver": 1.0, "deep": -1.0, "high": -1},
    }
    for thresholds, level in (({"rewards": {}}, "none"), (block, "elevated")):
        risk = listener("", empathy=thresholds).read("I moved the table.").risk
        assert risk.category.level == level


MALFORMED = [
    (WARM, WARM, "", ("missing <reasoning>",), "no structure at all"),
    (f"<answer>{WARM}", WARM, "", ("missing <reasoning>",), "cut off in the answer"),
    ("<reasoning>Grief.", "", "Grief.", ("no answer, only reasoning",), "only reasoning"),
    ("", "", "", ("empty",), "nothing"),
    (
        Template(fields=()).render("Grief.", WARM),
        WARM,
        "Grief.",
        ('missing reasoning line "User\'s main concern"',),
        "reasoning without its lines",
    ),
]


@pytest.mark.parametrize(("raw", "answer", "reasoning", "problems", "why"), MALFORMED)
def test_a_malformed_reply_is_shown_and_its_faults_are_named(
    listener, raw, answer, reasoning, problems, why
):
    reply = listener(raw).respond(SAD)
    assert (reply.answer, reply.reasoning, reply.raw) == (answer, reasoning, raw)
    assert set(problems) <= set(reply.problems)


NO_STRUCTURE = [
    ({"empathy": None}, "a recipe without the block"),
    ({"empathy": {"answer": "whole", "rewards": {}}}, "one that takes the whole reply"),
]


@pytest.mark.parametrize(("keys", "why"), NO_STRUCTURE)
def test_structure_is_asked_for_only_where_the_recipe_does(listener, keys, why):
    made = listener(lambda request, attempt: request["messages"][-1]["content"], None, **keys)
    assert made.respond(SAD).problems == ()
    assert made.respond(SAD).answer == SAD
    broken = listener(f"<answer>{WARM}", None, **keys).respond(SAD)
    assert broken.answer == WARM and "missing </answer>" in broken.problems
    whole = listener(shaped(WARM), None, **keys).respond(SAD)
    assert (whole.answer, whole.problems) == (WARM, ())
    assert listener("", None, **keys).respond(SAD).problems == ("empty",)


UNSAFE = [
    (SAD, WARM, "", "a good reply"),
    (RISK, CARE, "", "the risk is taken up"),
    (RISK, WARM, "missed_risk", "the risk is missed"),
    (SAD, "Hm.", "too_short", "shorter than a sentence"),
    (SAD, CARE, "", "a needless question is no harm"),
]


@pytest.mark.parametrize(("client", "answer", "rule", "why"), UNSAFE)
def test_an_unsafe_reply_is_shown_and_named(listener, client, answer, rule, why):
    reply = listener(shaped(answer)).respond(client)
    assert (reply.answer, reply.safety) == (answer, rule)


def test_a_risk_of_an_earlier_turn_counts_for_the_reply(listener):
    talk = [
        {"role": "user", "content": RISK},
        {"role": "assistant", "content": "Tell me about your week."},
        {"role": "user", "content": "It was long."},
    ]
    assert listener(shaped(WARM)).respond(talk).safety == "missed_risk"


def test_a_locale_that_counts_alone(listener):
    abroad = "Thank you for telling me this. 988 is there around the clock for you."
    block = {"rewards": {"safety": {"locale": "en-GB", "locale_only": True}}}
    made = listener(shaped(abroad), empathy=block)
    free = listener(shaped(abroad), locale="en-US", empathy=block)
    assert made.respond(RISK).safety == "missed_risk" and free.respond(RISK).safety == ""


def test_many_conversations_at_once(listener):
    made = listener(lambda request, attempt: shaped(request["messages"][-1]["content"]), None)
    clients = [SAD, RISK, "The evenings are long."]
    together = made.respond_all(clients, seed=1)
    assert [reply.answer for reply in together] == clients
    for client, reply in zip(clients, together, strict=True):
        alone = made.respond(client, seed=1)
        assert (reply.raw, reply.risk.level) == (alone.raw, alone.risk.level)
        assert reply.state.affect == pytest.approx(alone.state.affect)
    assert made.respond_all([]) == []


def test_the_seed_decides(listener, endpoint):
    made = listener(shaped(WARM))
    for seed in (1, 1, 2, None, None):
        made.respond(SAD, seed=seed)
    seeds = [request["seed"] for request in endpoint.requests]
    assert seeds[0] == seeds[1] and len(set(seeds)) == 4


def test_a_stream_shows_the_client_first_and_the_reply_last(listener, endpoint):
    made = listener(shaped(WARM))
    with contextlib.closing(made.stream(RISK)) as live:
        assert endpoint.requests == []  # nothing was asked for yet
        assert live.risk.level == 2 and live.state == made.read(RISK).state
        assert live.reply is None
        pieces = list(live)
    kinds = [kind for kind, _ in itertools.groupby(pieces, lambda piece: piece.kind)]
    assert kinds == ["reasoning", "answer"]
    assert "".join(piece.text for piece in pieces if piece.kind == "answer") == WARM
    assert live.reply == made.respond(RISK)


def test_the_faults_come_last_in_a_stream(listener):
    live = listener(f"<reasoning>Grief.</reasoning> {WARM}").stream(SAD)
    pieces = list(live)
    faults = [piece.text for piece in pieces if piece.kind == "fault"]
    assert faults == list(live.reply.problems) == ["missing <answer>", "missing </answer>"]
    assert pieces[-2:] == [Piece("fault", text) for text in faults]
    assert live.reply.answer == WARM


def test_a_closed_stream_has_no_reply_and_stops_the_model(listener, endpoint):
    live = listener(shaped("word " * 50_000)).stream(SAD)
    assert next(live).kind == "reasoning"
    live.close()
    assert live.reply is None and list(live) == []
    assert endpoint.closed_early.wait(5)


def test_a_stream_that_breaks_off_raises_and_has_no_reply(listener):
    live = listener(dict(text=shaped(WARM), breaks_after=6)).stream(SAD)
    with pytest.raises(EndpointDown):
        list(live)
    assert live.reply is None


def test_what_is_wrong_is_said_before_the_model_is_asked(listener, recipe, endpoint):
    made = listener(shaped(WARM))
    for ask in (made.respond, made.read, made.stream):
        with pytest.raises(InputError, match=r"messages\[0\]: role: unknown role 'client'"):
            ask([{"role": "client", "content": SAD}])
    with pytest.raises(InputError, match="en-XX"):
        EmpathyInference(recipe(), locale="en-XX", model=made.model)
    with pytest.raises(InputError, match="user: severity: expected text"):
        EmpathyInference(recipe(), user={"severity": 3}, model=made.model)
    assert endpoint.requests == []
