"""The session of docs/assistant.md, run as written after the first steps of docs/session.md."""

from devstack.stack import Stack
from tests.support.markdown_blocks import bash_blocks, run_bash

PAGE = bash_blocks("docs/assistant.md")


async def test_commands_of_the_page_talk_read_and_approve(stack: Stack) -> None:
    script = bash_blocks("docs/session.md")["first-steps"] + "".join(PAGE[name] for name in ("say", "read", "approve"))

    said = await run_bash(script, {"DECODE_RUN": str(stack.folder.root)}, within=90)

    counted = " ".join(map(str, range(1, 61)))
    assert f"{counted} (completed)" in said
    assert said.endswith('Set your bio to "I count.".\nCall decided\n')
