"""The session of README.md, run as it stands there."""

from devstack.stack import Stack
from tests.support.markdown_blocks import run_bash, scripts


async def test_first_steps_of_the_readme_work_as_printed(stack: Stack) -> None:
    said = await run_bash(scripts("README.md")["first-steps"], {"DECODE_RUN": str(stack.folder.root)})

    assert said.splitlines()[-2:] == ["Session refreshed", "completed"]


async def test_who_listens_is_told(stack: Stack) -> None:
    page = scripts("README.md")

    said = await run_bash(page["first-steps"] + page["be-told"], {"DECODE_RUN": str(stack.folder.root)})

    told = "     1  New Login Detected: You just signed in to decode using your decode account"
    assert said.splitlines()[-2:] == ["Login successful", told]
