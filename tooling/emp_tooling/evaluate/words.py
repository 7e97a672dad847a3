"""What measures are called, which way they should go, and how their numbers are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

TITLES: Mapping[str, str] = {
    "well_formed": "Well-formed replies",
    "clinical_error": "Replies with a clinical error of the phrase bank",
    "good": "Good replies of the phrase bank",
    "known": "Made of phrases of the bank",
    "distinct": "Distinct replies",
    "reward_total": "Total reward",
    "win_rate": "Win rate",
    "acknowledgement": "Acknowledgement of feelings",
    "reactions": "Emotional reactions",
    "interpretations": "Interpretations",
    "explorations": "Explorations",
    "safe": "Safe replies",
    "risk_handled": "Risk handled at once",
    "risk_protocol": "Share of the risk protocol met",
    "risk_protocol_met": "Whole risk protocol met",
    "taken_up": "Risk taken up at last",
    "withheld": "Disclosures held back",
    "extracted": "Answer could be told apart",
    "words": "Words of the answer",
    "polarity": "Polarity of the answer",
    "calibrated_polarity": "Polarity of the answer, calibrated",
    "polarity_change": "Polarity change",
    "introspection_change": "Introspection change",
    "temper_change": "Temper change",
    "attitude_change": "Attitude change",
    "sensitivity_change": "Sensitivity change",
    "eased": "Replies that eased the client",
    "hurt": "Replies that hurt the client",
    "agreement": "Agreement with false or harmful statements",
    "agreement_neutral": "… by a neutral user",
    "agreement_distressed": "… by a distressed user",
    "agreement_gap": "… more when distressed",
    "agreement_false": "Agreement with false statements",
    "agreement_harmful": "Agreement with harmful plans and beliefs",
    "agreement_true": "Agreement with true statements",
    "correction": "Corrections of false or harmful statements",
    "unclear": "No clear stance",
    "instructions": "Instructions followed",
}

LESS = (
    *("clinical_error", "agreement", "agreement_neutral", "agreement_distressed"),
    *("agreement_gap", "agreement_false", "agreement_harmful", "hurt", "withheld"),
)
NEITHER = (
    *("known", "words", "polarity", "calibrated_polarity", "unclear"),
    *("introspection", "temper", "attitude", "sensitivity"),
)
"""More or less of these is neither better nor worse by itself."""

GUARDS = (
    *("agreement", "agreement_neutral", "agreement_distressed", "agreement_gap"),
    *("agreement_false", "agreement_harmful", "correction", "unclear", "agreement_true"),
    *("instructions", "well_formed", "distinct", "safe", "risk_handled"),
    *("risk_protocol", "risk_protocol_met"),
)
EMPATHY = ("acknowledgement", "reactions", "interpretations", "explorations")
PHRASES = ("good", "clinical_error", "known")
OWN = (
    *("words", "extracted", "polarity", "calibrated_polarity"),
    *("introspection", "temper", "attitude", "sensitivity"),
)
HEAD_TO_HEAD = "Head to head"
DETAILS = ("Instructions by kind", "Length and affect of the answers")
"""Groups for a page, too much for a terminal."""

DIALOGUE, ERRORS, REWARD = "dialogue/", "errors/", "reward/"

UNSHARED = (*EMPATHY, "reward_total", "words")


def title(name: str) -> str:
    """A measure as a reader writes it.

    Args:
        name: As in the results.

    Returns:
        Its title.

    Example:
        >>> title("safe"), title("dialogue/errors/rule/missed_risk"), title("reward/empathy")
        ('Safe replies', 'Missed risk', 'Empathy')
    """
    bare = name.removeprefix(DIALOGUE)
    if bare in TITLES:
        return TITLES[bare]
    spaced = bare.rpartition("/")[2].replace("_", " ").replace("-", " ")
    return spaced[:1].upper() + spaced[1:]


def wish(name: str) -> int:
    """Which way a measure should go: 1 up, -1 down, 0 neither.

    Example:
        >>> wish("reward/empathy"), wish("dialogue/hurt"), wish("errors/advice"), wish("words")
        (1, -1, -1, 0)
    """
    bare = name.removeprefix(DIALOGUE)
    if bare.startswith(ERRORS) or bare in LESS:
        return -1
    return 0 if bare in NEITHER else 1


def is_share(name: str) -> bool:
    """Whether a measure is told in percent.

    Example:
        >>> is_share("well_formed"), is_share("reward/tone"), is_share("dialogue/polarity_change")
        (True, False, False)
    """
    bare = name.removeprefix(DIALOGUE)
    if bare.startswith(REWARD) or bare.endswith("_change") or bare in UNSHARED:
        return False
    return not (bare in NEITHER and bare not in ("known", "unclear"))


def number(value: float, name: str) -> str:
    """A measure's value for a reader.

    Example:
        >>> number(0.25, "safe"), number(0.25, "acknowledgement")
        ('25.0 %', '0.25')
    """
    return f"{100 * value:.1f} %" if is_share(name) else f"{value:.2f}"


def signed(value: float, name: str) -> str:
    """A difference, with its sign, shares in points of a hundred.

    Example:
        >>> signed(-0.1, "safe"), signed(0.1, "reward_total")
        ('-10.0', '+0.10')
    """
    return f"{100 * value:+.1f}" if is_share(name) else f"{value:+.2f}"


def ordered(names: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Measures in groups for tables.

    Args:
        names: Measures, as in the results.

    Returns:
        Titles of groups, each with its measures; without empty groups.
    """
    left = list(names)
    groups: Sequence[tuple[str, Sequence[str]]] = (
        (HEAD_TO_HEAD, ("win_rate",)),
        ("Guards", GUARDS),
        ("Empathy", EMPATHY),
        ("By the phrase bank", PHRASES),
        ("Rewards", ("reward_total", *(n for n in left if n.startswith(REWARD)))),
        ("Dialogues", [n for n in left if n.startswith(DIALOGUE) and ERRORS not in n]),
        ("Errors in dialogues", [n for n in left if n.startswith(f"{DIALOGUE}{ERRORS}")]),
        ("Errors by rule", [n for n in left if n.startswith(f"{ERRORS}rule/")]),
        ("Errors by the phrase bank", [n for n in left if _by_bank(n)]),
        (DETAILS[0], [n for n in left if n.startswith("instructions/")]),
        (DETAILS[1], OWN),
    )
    placed = {name for _, members in groups for name in members}
    rest = [name for name in left if name not in placed]
    found = [(head, [name for name in members if name in left]) for head, members in groups]
    return [(head, members) for head, members in [*found, ("Other", rest)] if members]


def _by_bank(name: str) -> bool:
    return name.startswith(ERRORS) and not name.startswith(f"{ERRORS}rule/")
