"""The session of docs/session.md, run as written."""

import re

import pytest

from devstack.stack import Stack
from tests.support.markdown_blocks import bash_blocks, named_blocks, run_bash

PAGE = "docs/session.md"
OF_EACH_RUN = re.compile(r"[0-9a-f]{24,32}|[0-9]+(\.[0-9]+)?")
"""Ids and numbers."""
pytestmark = pytest.mark.usefixtures("planned")


async def test_first_steps_work_as_printed(stack: Stack) -> None:
    said = await run_bash(bash_blocks(PAGE)["first-steps"], {"DECODE_RUN": str(stack.folder.root)})

    (printed,) = (block.text for block in named_blocks(PAGE) if block.name == "printed")
    assert OF_EACH_RUN.sub("#", said) == OF_EACH_RUN.sub("#", printed)


async def test_subscriber_receives_the_message(stack: Stack) -> None:
    page = bash_blocks(PAGE)

    said = await run_bash(page["first-steps"] + page["be-told"], {"DECODE_RUN": str(stack.folder.root)})

    expected = "     1  New Login Detected: You just signed in to decode using your decode account"
    assert said.splitlines()[-2:] == ["Login successful", expected]
