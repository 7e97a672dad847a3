"""A model behind the scripted server."""

import pytest

from emp_tooling.models.endpoint import EndpointModel


@pytest.fixture
def model(endpoint):
    def make(**options):
        return EndpointModel.at(f"m@{endpoint.url}", **{"retries": 2, "timeout_s": 5.0, **options})

    return make
