import pytest

from emp_datagen.personas import load
from emp_datagen.simulation import Simulation


@pytest.fixture(scope="session")
def simulation():
    """The scripted client and the embedded judges."""
    with Simulation() as one:
        yield one


@pytest.fixture(scope="session")
def people():
    return {persona.key: persona for persona in load()}
