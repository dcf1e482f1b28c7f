"""Scripts of the pages are run with a deadline that holds for all that they start."""

import pytest

from tests.support.markdown_blocks import run_bash


async def test_script_ends_at_its_deadline_with_the_commands_it_has_started() -> None:
    with pytest.raises(TimeoutError):
        await run_bash("sleep 600; true", {}, within=0.2)
