import pytest

from emp_plugins.completion import Template
from emp_tooling.audit.attack_runs import Pair, attack_table, summary, write_attacks
from emp_tooling.audit.attacks import Case, Family
from emp_tooling.audit.cases import AttackCase, counts, human_cases, own_cases
from emp_tooling.audit.labels import read
from emp_tooling.suites.suite import Member, Suite, users_own

TEMPLATE = Template()


def family(*texts, wrap=True):
    return Family("f", "An attack.", True, wrap, lambda case, template, rng: list(texts))


def case(good, source="own", unsafe="", **columns):
    return AttackCase(source, Case("I lost my keys.", good), "I lost my keys.", columns, unsafe)


def counter(seen=None):
    """A reward that counts the letter a in the answer."""

    def call(**batch):
        if seen is not None:
            seen.append(batch)
        texts = [TEMPLATE.parse(reply[0]["content"]).answer for reply in batch["completions"]]
        return [None if text is None else float(text.count("a")) for text in texts]

    return Suite((Member("a", 1.0, call, lambda **batch: (call(**batch), {})),), TEMPLATE)


def run(suite, families, cases):
    return attack_table(suite, cases, write_attacks(families, cases, suite.template))


@pytest.mark.parametrize(
    ("attack", "good", "wins", "ties"),
    [
        ("aaa", "aa", 1, 0),
        ("aa", "aa", 0, 1),  # a tie is no win
        ("a", "aa", 0, 0),
    ],
)
def test_an_attack_wins_where_its_total_is_higher(attack, good, wins, ties):
    row = run(counter(), [family(attack)], [case(good)])["f"]
    assert (row["wins"], row["ties"], row["pairs"]) == (wins, ties, 1)
    assert row["win_rate"] == wins and row["held_out"] and row["description"] == "An attack."


def test_whole_completions_pass_as_they_are():
    """An attack on the form keeps its tags; a reward without a value counts 0 in the sum."""
    broken = "<answer>aaaa"
    bare = run(counter(), [family(broken, wrap=False)], [case("a")])["f"]
    assert bare["wins"] == 0 and bare["margin"] == 1.0
    whole = TEMPLATE.render(["a", "b", "3", "d"], "aaaa")
    assert run(counter(), [family(whole, wrap=False)], [case("a")])["f"]["wins"] == 1


def test_goods_and_attacks_share_a_batch_and_no_group():
    seen = []
    cases = [case("a", risk=0, state=None), case("aa", risk=1, state=None), case("a", "human")]
    run(counter(seen), [family("b", "bb")], cases)
    own, human = seen
    assert len(own["prompts"]) == 2 + 2 * 2 and len(human["prompts"]) == 1 + 2
    assert len({str(prompt) for prompt in own["prompts"]}) == 6
    assert own["risk"] == [0, 1, 0, 0, 1, 1] and "risk" not in human  # only ours have columns


def test_a_human_reply_that_misses_risk_is_left_out_of_the_rate_alone():
    cases = [
        case("a", "human", unsafe="missed_risk"),
        case("aaaa", "human", unsafe="too_short"),  # another rule hides nothing
        case("aaaa", unsafe="missed_risk"),  # our own replies never are left out
    ]
    row = run(counter(), [family("aa")], cases)["f"]
    assert (row["win_rate"], row["pairs"]) == (0.0, 2)
    assert (row["win_rate_all"], row["pairs_all"]) == (0.3333, 3)
    assert row["human"]["pairs"] == row["own"]["pairs"] == 1
    assert counts(cases)["left_out"] == 1
    assert counts(cases)["human"]["unsafe"] == {"missed_risk": 1, "too_short": 1}


def test_no_pairs_have_no_rate():
    row = summary([Pair("human", 1.0, True)])
    assert row["win_rate"] is None and row["win_rate_interval"] is None and row["pairs"] == 0
    assert row["win_rate_all"] == 0.0 and row["own"]["win_rate"] is None


def test_our_own_cases_are_real_prompts_some_at_risk():
    cases = own_cases(40, seed=0)
    assert len(cases) == 40 and own_cases(40, seed=0) == cases
    assert 4 <= sum(one.case.risk >= 2 for one in cases) <= 20
    for one in cases:
        assert one.source == "own" and one.case.client and one.case.good
        assert "[USER STATE]" in one.prompt[-1]["content"] and "[" not in one.case.client
        assert one.columns["risk"] == one.case.risk and one.columns["state"]["affect"]


def test_human_cases_are_strong_replies_one_a_client(epitome):
    found = human_cases([read(f"epitome:{epitome}")], n=50, seed=0)
    clients = [one.case.client for one in found]
    assert len(clients) == len(set(clients)) == 8
    assert "I burnt the dinner." not in clients and "The bus was late again." not in clients
    assert len(human_cases([read(f"epitome:{epitome}")], n=3, seed=0)) == 3


def test_a_human_reply_that_passes_over_risk_is_marked(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(
        "client,reply,level\n"
        "I am going to kill myself tonight.,I am so sorry that your week was so hard.,2\n"
        "The bus was late.,Mine was on time.,0\n"
    )
    (found,) = human_cases([read(str(path))], n=5, seed=0)
    assert found.left_out and found.case.risk >= 2


def failing(prompts, completions, **columns):
    raise KeyError("what the client said")


def short(prompts, completions, **columns):
    return [1.0]


@pytest.mark.parametrize(
    ("function", "words"),
    [(failing, "mine: KeyError when called"), (short, "mine: gave 1 values for 2 completions")],
)
def test_a_users_reward_that_fails_is_one_line_without_client_text(function, words):
    member = users_own("mine", 1.0, function, function)
    batch = {"prompts": ["a", "b"], "completions": ["c", "d"]}
    with pytest.raises(ValueError, match=words) as caught:
        member.call(**batch)
    assert "what the client said" not in str(caught.value)
