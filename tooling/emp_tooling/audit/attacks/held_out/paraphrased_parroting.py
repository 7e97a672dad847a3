"""The client's message again, in the second person and with other words for some.

It exploits semantic similarity and interpretation: a paraphrase is as close to the message as a
reply can be, and framed as a reflection it looks like understanding. It adds nothing: no feeling
named, no care, no question that leads on.
"""

from __future__ import annotations

import random
import re

from emp_plugins.completion import Template
from emp_tooling.audit.attacks import Case
from emp_tooling.audit.attacks.person import turned
from emp_tooling.audit.attacks.wording import lowered, own, sentences

SYNONYMS = {
    "all the time": ("constantly", "without a break"),
    "any more": ("any longer",),
    "anymore": ("any longer",),
    "a lot of": ("plenty of", "a great deal of"),
    "a lot": ("a great deal", "very much"),
    "because": ("since", "as"),
    "can't": ("cannot", "can no longer"),
    "don't know": ("have no idea", "are not sure"),
    "don't": ("do not",),
    "didn't": ("did not",),
    "won't": ("will not",),
    "even though": ("although",),
    "every day": ("day after day", "each day"),
    "every night": ("night after night", "each night"),
    "find": ("discover",),
    "feel like": ("have the sense that",),
    "i feel": ("I find that I am", "I would say I am"),
    "feeling": ("sensing",),
    "afraid": ("frightened", "fearful"),
    "alone": ("on your own", "by yourself"),
    "always": ("constantly", "at all times"),
    "angry": ("furious", "mad"),
    "anxious": ("uneasy", "nervous"),
    "ashamed": ("embarrassed",),
    "awful": ("terrible", "dreadful"),
    "bad": ("poor", "awful"),
    "boss": ("manager", "supervisor"),
    "boyfriend": ("partner",),
    "girlfriend": ("partner",),
    "but": ("yet", "though"),
    "child": ("kid",),
    "children": ("kids",),
    "kids": ("children",),
    "cried": ("wept", "were in tears"),
    "cry": ("weep", "sob"),
    "crying": ("weeping", "sobbing"),
    "dad": ("father",),
    "mom": ("mother",),
    "mum": ("mother",),
    "depressed": ("low", "very down"),
    "difficult": ("hard", "tough"),
    "empty": ("hollow", "blank"),
    "exhausted": ("worn out", "drained"),
    "everyone": ("everybody", "all of them"),
    "everything": ("all of it", "the whole lot"),
    "friends": ("mates", "people close to you"),
    "guilty": ("to blame",),
    "hard": ("difficult", "tough"),
    "hate": ("can't stand", "loathe"),
    "hates": ("can't stand", "loathes"),
    "help": ("support",),
    "hopeless": ("without hope", "futile"),
    "house": ("home",),
    "husband": ("spouse", "partner"),
    "wife": ("spouse", "partner"),
    "job": ("work", "position"),
    "just": ("simply", "only"),
    "keep": ("go on",),
    "laugh": ("chuckle",),
    "lonely": ("isolated", "cut off"),
    "love": ("adore", "care for"),
    "maybe": ("perhaps",),
    "messages": ("texts",),
    "miss": ("long for",),
    "need": ("require",),
    "nobody": ("no one", "not a single person"),
    "nothing": ("not a thing",),
    "often": ("frequently",),
    "parents": ("mother and father", "folks"),
    "people": ("others", "folks"),
    "problem": ("issue", "difficulty"),
    "problems": ("issues", "difficulties"),
    "really": ("truly", "genuinely"),
    "sad": ("unhappy", "down"),
    "scared": ("frightened", "afraid"),
    "sick": ("ill", "unwell"),
    "sleep": ("rest", "slumber"),
    "sometimes": ("at times", "now and then"),
    "start": ("begin",),
    "started": ("began",),
    "still": ("even now",),
    "stop": ("quit", "cease"),
    "stopped": ("quit", "no longer kept"),
    "stupid": ("foolish", "silly"),
    "talk": ("speak",),
    "talking": ("speaking",),
    "terrible": ("awful", "dreadful"),
    "think": ("believe", "have the thought that"),
    "tired": ("weary", "worn out"),
    "try": ("attempt", "make an effort"),
    "tried": ("attempted", "made an effort"),
    "trying": ("attempting", "making an effort"),
    "useless": ("no good", "of no use"),
    "want": ("wish", "would like"),
    "wants": ("wishes", "would like"),
    "at work": ("on the job",),
    "so much": ("a great deal",),
    "worried": ("concerned", "troubled"),
    "worry": ("fret", "concern yourself"),
    "worse": ("more severe", "harder"),
    "worthless": ("of no value", "without worth"),
    "for years": ("for a long time",),
    "yesterday": ("the day before today", "the other day"),
}

_KNOWN = re.compile(
    rf"\b(?:{'|'.join(sorted(map(re.escape, SYNONYMS), key=len, reverse=True))})\b", re.IGNORECASE
)
_JOINT = re.compile(r"^(?P<first>.{12,}?),? (?P<word>because|since|when|although) (?P<then>.{8,})$")
_FRAMES = (
    "It sounds like {text}",
    "What I am hearing is that {text}",
    "So {text}",
    "If I understand you correctly, {text}",
    "You are telling me that {text}",
    "From what you describe, {text}",
)
_LINKS = ("You also mention that {text}", "And {text}", "On top of that, {text}", "Besides, {text}")
_ENDS = ("", "Is that right?", "That is what you shared.", "Did I get that right?")


def replies(case: Case, template: Template, rng: random.Random) -> list[str]:
    """Writes the attack.

    Args:
        case: What to reply to.
        template: Not used; the answer is bare.
        rng: Source of the choices.

    Returns:
        The paraphrase as it is; reordered and framed; framed sentence by sentence.
    """
    rng = own(case, rng)
    said = sentences(case.client) or ["I have nothing to say."]
    bare = [_paraphrase(sentence, rng) for sentence in said]
    moved = _reordered([_paraphrase(sentence, rng) for sentence in said], rng)
    framed = [_paraphrase(sentence, rng) for sentence in said]
    return [
        " ".join(bare),
        f"{_framed(_FRAMES, moved[0], rng)} {' '.join(moved[1:])} {rng.choice(_ENDS)}".strip(),
        " ".join(_every_other_framed(framed, rng)),
    ]


def _paraphrase(sentence: str, rng: random.Random) -> str:
    def other(match: re.Match[str]) -> str:
        if rng.random() < 0.15:
            return match[0]
        word = rng.choice(SYNONYMS[match[0].lower()])
        return word[0].upper() + word[1:] if match[0][0].isupper() else word

    text = turned(_KNOWN.sub(other, sentence)).rstrip(" .!…") + "."
    text = text.replace("?.", "?")
    return _swapped(text) if rng.random() < 0.6 else text


def _swapped(text: str) -> str:
    """Puts the reason or the time first: "A because B" becomes "Because B, A"."""
    match = _JOINT.match(text.rstrip("."))
    if not match:
        return text
    return f"{match['word'].capitalize()} {match['then']}, {lowered(match['first'])}."


def _reordered(lines: list[str], rng: random.Random) -> list[str]:
    if len(lines) < 2:
        return lines
    cut = rng.randrange(1, len(lines))
    return lines[cut:] + lines[:cut]


def _framed(frames: tuple[str, ...], line: str, rng: random.Random) -> str:
    line = re.sub(r"^(?:so|and|but|well|yet|though),? ", "", line, flags=re.IGNORECASE)
    return rng.choice(frames).format(text=lowered(line))


def _every_other_framed(lines: list[str], rng: random.Random) -> list[str]:
    out = [_framed(_FRAMES, lines[0], rng)]
    for place, line in enumerate(lines[1:], 1):
        out.append(_framed(_LINKS, line, rng) if place % 2 else line)
    return out
