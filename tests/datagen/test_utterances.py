import pytest

from emp_datagen.utterances import second_person


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("I ruin everything I touch.", "you ruin everything you touch"),
        ("I am a failure, and I was one before.", "you are a failure, and you were one before"),
        ("Nobody really wants me around.", "nobody really wants you around"),
        ("I'm sure it's my own fault!", "you're sure it's your own fault"),
        ("If I stop, I'll hate myself.", "if you stop, you'll hate yourself"),
        ("God has left me.", "God has left you"),  # a name keeps its capital
    ],
)
def test_second_person(said, heard):
    assert second_person(said) == heard
