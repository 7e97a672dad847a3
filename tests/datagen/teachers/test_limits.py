"""Bounds on what is under way and on what goes out in a minute."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emp_datagen.teachers import Settings, load

from .asking import ask, endpoint, order
from .server import REPLY, Server


def test_the_bound_on_concurrency():
    orders = [order(f"Row {number}.") for number in range(12)]
    with Server(latency_s=0.1) as server:
        found = ask(server, *orders, settings=Settings(concurrency=3))
    assert found == [[REPLY]] * 12
    assert server.most_at_once == 3


def test_the_bound_on_requests_a_minute():
    orders = [order(f"Row {number}.") for number in range(6)]
    with Server() as server:
        ask(server, *orders, settings=Settings(rpm=240))
    # Four may go at once, then one each 60 / (240 - 4) s.
    assert server.times[-1] - server.times[0] >= 2 * 60 / 236 - 0.05


@given(st.integers(1, 100_000))
def test_no_minute_holds_more_requests_than_allowed(rpm):
    limiter = endpoint.requests_limit(rpm)
    flow = 60 * limiter.max_rate / limiter.time_period
    if limiter.max_rate == 1:  # evenly spaced: a window open at one end holds no more
        assert flow == pytest.approx(rpm)
    else:
        assert limiter.max_rate + flow == pytest.approx(rpm)
    assert flow > 0.95 * rpm  # and little of the allowance is lost


def test_the_bound_on_tokens_a_minute():
    """Larger than the limit waits for one whole window and is no error: here a window of 0.5 s."""

    async def run(url):
        agent = load(f"openai:m@{url}", Settings(tpm=10))
        agent._tokens = endpoint.AsyncLimiter(10, 0.5)
        await asyncio.gather(*(agent.ask(order()) for _ in range(3)))
        await agent.close()

    with Server() as server:
        asyncio.run(run(server.url))
    gaps = [b - a for a, b in zip(server.times, server.times[1:], strict=False)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.45
