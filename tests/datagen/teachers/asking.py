"""Asks a teacher behind the faulty server, as the tests do."""

import asyncio

from emp_datagen.teachers import Meter, Order, Settings, load, quiet_import
from emp_plugins.affect.state import State

with quiet_import():
    from emp_datagen.teachers import endpoint  # noqa: F401  # for the tests

KEY = "sk-test-5f0c"
SECRET = "My sister Amrit stopped calling me."
QUICK = Settings(retries=2, timeout=10.0)


def order(said=SECRET):
    return Order(
        role="therapist",
        persona="mdd",
        state=State({"diagnosis": "MDD"}, (-0.4,), (-0.5, 0.0, 0.0, 0.0)),
        target="introspection",
        topic="your sister",
        risk=0,
        style="plain",
        split="train",
        seed="s",
        messages=({"role": "user", "content": said},),
    )


def ask(server, *orders, n=1, settings=QUICK, meter=None, name="openai:m"):
    """Asks for all orders at once; gives texts, or the exception in their place."""

    async def run():
        agent = load(f"{name}@{server.url}", settings, meter or Meter())
        try:
            asked = (agent.ask(one, n) for one in orders or [order()])
            return await asyncio.gather(*asked, return_exceptions=True)
        finally:
            await agent.close()

    return asyncio.run(run())
