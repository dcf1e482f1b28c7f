"""The commands of docs/first-hour.md that change nothing in the tree, run as written there."""

from devstack.stack import Stack
from tests.support.markdown_blocks import bash_blocks, run_bash

PAGE = bash_blocks("docs/first-hour.md")


async def test_request_is_found_in_the_logs_of_api_and_worker(stack: Stack) -> None:
    said = await run_bash(PAGE["ask"] + PAGE["follow"], {"DECODE_RUN": str(stack.folder.root)})

    answer, of_the_api, *of_the_worker = said.splitlines()
    assert '"statusCode":202' in answer
    assert '"route": "/auth/register/email-verification"' in of_the_api
    assert '"activity_type": "registration.begin"' in of_the_worker[0]
