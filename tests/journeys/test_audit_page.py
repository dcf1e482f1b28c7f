"""The session of docs/audit.md, run as written after the first steps of docs/session.md."""

import re

import pytest

from devstack.stack import Stack
from tests.support.markdown_blocks import bash_blocks, run_bash

PAGE = "docs/audit.md"
ROW = re.compile(r"^\d+ [\d:]{8} (\S+) ", re.MULTILINE)


@pytest.mark.usefixtures("planned")
async def test_journal_is_searched_exported_and_verified_as_printed(stack: Stack) -> None:
    script = bash_blocks("docs/session.md")["first-steps"] + "".join(bash_blocks(PAGE).values())

    said = await run_bash(script, {"DECODE_RUN": str(stack.folder.root)})

    assert {*ROW.findall(said)} >= {"user.created", "flow.ended", "mail.sent", "audit.read"}
    intact, broken, code = said.splitlines()[-3:]
    assert (intact.partition(" to ")[0], broken.split()[:2], code) == (
        "intact: entries 1",
        ["broken", "at"],
        "exit code 1",
    )
