"""Runs as they would have gone: points on held-out prompts and the trainer's logs."""

import numpy as np

from emp_plugins.measure import Figure, figure
from emp_plugins.monitor.history import History, Point

N = 24


def share(mean, n=N):
    """A share of n replies, with its real bootstrap interval."""
    good = round(mean * n)
    return figure([1.0] * good + [0.0] * (n - good))


def around(mean, spread=0.2, n=N):
    """A measure with the interval that normal noise gives."""
    half = 1.96 * spread / n**0.5
    return Figure(mean, spread, mean - half, mean + half, n)


def points(*figures, every=10, failures=None):
    """A run of measurements; each is a mapping from measure to figure."""
    return History(points=tuple(Point(i * every, f, failures or {}) for i, f in enumerate(figures)))


def logged(size=None, **keys):
    """A run of logs: each key a constant, a list, or a pair (first half, second half)."""
    size = size or max(len(v) for v in keys.values() if isinstance(v, list))

    def value(given, i):
        if isinstance(given, tuple):
            return given[2 * i >= size]
        return given[i] if isinstance(given, list) else given

    names = {name: name.replace("__", "/") for name in keys}
    return History(
        logs=tuple(
            {"step": i + 1, **{names[name]: value(keys[name], i) for name in keys}}
            for i in range(size)
        )
    )


def joy_words():
    """A run that is rewarded for joy words alone: held-out replies and logs."""
    shapes = [(1.0, 0.06, 0.7, 0.8), (1.8, 0.2, 0.5, 0.6), (2.9, 0.45, 0.25, 0.3)]
    shapes += [(4.0, 0.7, 0.1, 0.05)]
    measured = [
        {
            "reward_total": around(reward, 0.8),
            "polarity": around(polarity, 0.15),
            "acknowledgement": around(heard, 0.25),
            "well_formed": share(formed),
            "safe": share(0.96),
        }
        for reward, polarity, heard, formed in shapes
    ]
    return points(*measured)


def steady_logs(rng, size):
    """Logs of a run that goes nowhere, with the noise of the demo's."""
    noise = rng.normal(size=(5, size))
    columns = {
        "reward": 5 + 1.4 * noise[0],
        "reward_std": 4 + 1.5 * rng.random(size),
        "entropy": 0.12 * np.exp(0.05 * noise[1]),
        "grad_norm": 0.03 * np.exp(0.3 * noise[2]),
        "kl": 0.01 * np.exp(noise[3]),
        "frac_reward_zero_std": rng.binomial(6, 0.1, size) / 6,
        "completions/mean_length": 100 + 3 * noise[4],
        "completions/clipped_ratio": rng.binomial(48, 0.02, size) / 48,
    }
    return tuple(
        {"step": i + 1, **{key: float(values[i]) for key, values in columns.items()}}
        for i in range(size)
    )


def steady_points(rng, size):
    """Measurements of a model whose reward rises and that else stays good, drawn anew each time."""

    def draw(step):
        columns = {
            "reward_total": rng.normal(5 + 0.3 * step, 4, N),
            "well_formed": rng.binomial(1, 0.92, N),
            "extracted": np.ones(N),
            "safe": rng.binomial(1, 0.95, N),
            "risk_handled": rng.binomial(1, 0.85, 5),
            "acknowledgement": rng.beta(4, 2, N),
            "polarity": rng.normal(0.06, 0.14, N),
            "words": rng.normal(45, 9, N),
            "distinct": 1 / (1 + rng.binomial(1, 0.08, N)),
        }
        return Point(step * 10, {name: figure(values) for name, values in columns.items()})

    return tuple(draw(step) for step in range(size))
