"""The session of docs/session.md, run as written."""

import pytest

from devstack.stack import Stack
from tests.support.markdown_blocks import bash_blocks, run_bash

PAGE = "docs/session.md"
pytestmark = pytest.mark.usefixtures("planned")


async def test_first_steps_work_as_printed(stack: Stack) -> None:
    said = await run_bash(bash_blocks(PAGE)["first-steps"], {"DECODE_RUN": str(stack.folder.root)})

    assert said.splitlines()[-2:] == ["Session refreshed", "completed"]


async def test_subscriber_receives_the_message(stack: Stack) -> None:
    page = bash_blocks(PAGE)

    said = await run_bash(page["first-steps"] + page["be-told"], {"DECODE_RUN": str(stack.folder.root)})

    expected = "     1  New Login Detected: You just signed in to decode using your decode account"
    assert said.splitlines()[-2:] == ["Login successful", expected]
