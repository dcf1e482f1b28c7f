"""Registrations by their activities alone."""

import secrets

import pytest
from temporalio.testing import ActivityEnvironment

from adapters.resources import Resources
from tests.support.registration import Steps

CROWD = 200


@pytest.fixture
def steps(environment: ActivityEnvironment, resources: Resources) -> Steps:
    return Steps(environment, resources, f"registration/{secrets.token_hex(11)}")


@pytest.fixture
def others(environment: ActivityEnvironment, resources: Resources) -> Steps:
    """Those of another registration."""
    return Steps(environment, resources, f"registration/{secrets.token_hex(11)}")


@pytest.fixture
def crowd(environment: ActivityEnvironment, resources: Resources) -> list[Steps]:
    return [Steps(environment, resources, f"registration/{secrets.token_hex(11)}") for _ in range(CROWD)]
