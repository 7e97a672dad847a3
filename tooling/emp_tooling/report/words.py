"""What the page calls things."""

from __future__ import annotations

NOTE = (
    "This page is a research aid and not a medical device: numbers like these show whether a model "
    "changes in the direction that was asked for, not whether it is safe to let it talk to "
    "somebody who needs help."
)

METHOD = (
    (
        "Trainer's curves",
        "Means over the replies that the model sampled in training: each logged step thin, their "
        "running mean thick.",
    ),
    (
        "Held-out curves",
        "Means over the monitor's fixed prompts, which the training does not see, with 95 % "
        "bootstrap intervals over those prompts. Another seed trains another model, and varies "
        "more.",
    ),
    (
        "Healthy values",
        "The green band is what the monitor's rules let pass; a threshold can be moved under "
        "empathy.monitor.health. Rules that compare with the start of the run have no band.",
    ),
    (
        "Intervals",
        "95 % bootstrap intervals of a mean. Where all replies agree the interval has no width, "
        "and the true share among n replies may still lie about 3 / n away.",
    ),
    (
        "Mood",
        "The four Hourglass axes and the polarity of what the replies say, each from -1 to 1, as "
        "the emotion judge reads it; calibrated polarity is the same mapped to [0, 1] by "
        "empathy.monitor.calibration.",
    ),
)


def pretty(name: str) -> str:
    """A name with spaces and a capital letter.

    Example:
        >>> pretty("affective_shift")
        'Affective shift'
    """
    spaced = name.replace("_", " ").replace("-", " ")
    return spaced[:1].upper() + spaced[1:]
