import pytest

from emp_plugins import judges
from emp_plugins.errors import InputError
from emp_plugins.rewards import make

CLIENT = "I keep replaying what my brother said."
TALK = "It sounds like his words are still with you. What do you feel when you hear them again?"
CHAT = "lol brothers are the worst, mine broke my phone last week"


def score(*replies, **params):
    return make("clinical_relevance", answer="whole", **params)([CLIENT] * len(replies), replies)


def test_clinical_beats_chat():
    talk, chat = score(TALK, CHAT)
    assert talk > 0.8 and chat < 0.2


def test_more_of_the_same_saturates():
    """Stacked clinical words earn no more than a plain clinical reply."""
    words = "trauma therapy anxiety depression feelings grief attachment boundaries coping"
    talk, stacked = score(TALK, words)
    assert stacked < talk


def test_the_judges_range_is_what_is_calibrated():
    low, high = judges.load("clinical").range
    plain = {"method": "range", "temperature": 1.0}
    raw = judges.load("clinical").score([TALK])[0]
    expected = min(max((raw - low) / (high - low), 0), 1)
    assert score(TALK, calibration=plain) == pytest.approx([expected], abs=1e-5)


def test_the_raw_cosine_is_logged():
    logged = {}
    make("clinical_relevance", answer="whole")([CLIENT], [TALK], log_metric=logged.__setitem__)
    assert logged["clinical_relevance/raw"] == judges.load("clinical").score([TALK])[0]


def test_bad_calibration():
    with pytest.raises(InputError, match=r"clinical_relevance\.calibration\.temperature"):
        make("clinical_relevance", calibration={"temperature": 0})
