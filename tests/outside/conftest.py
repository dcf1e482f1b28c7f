"""Fixtures of the tests with foreign tools."""

import pytest

from devstack.errors import StackError
from devstack.npm import install
from devstack.stack import Stack
from tests.outside.generated_clients import Target
from tests.outside.node_tools import FOLDER


@pytest.fixture(scope="session")
def node() -> None:
    """Installs the tools from npm. A machine without Node.js fails here: skipping would say that all is well."""
    try:
        install(FOLDER)
    except StackError as failure:
        pytest.fail(str(failure), pytrace=False)


@pytest.fixture
def target(stack: Stack) -> Target:
    return Target(stack.url("api"), stack.url("mailbox"), "127.0.0.1")
