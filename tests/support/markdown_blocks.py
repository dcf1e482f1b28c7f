"""Pages whose code is run: fenced blocks with a name after their language."""

import asyncio
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    language: str
    name: str
    text: str


def named_blocks(page: str) -> list[Block]:
    """Every block opened with ```language name, in the order of the page."""
    return [Block(*found) for found in _FENCE.findall((ROOT / page).read_text(encoding="utf-8"))]


def bash_blocks(page: str) -> dict[str, str]:
    """The bash blocks by name."""
    return {block.name: block.text for block in named_blocks(page) if block.language == "bash"}


async def run_bash(script: str, variables: Mapping[str, str], *, within: float = 60.0) -> str:
    """Return the output of a script, run from the repository's root as the pages say. Fails when a command fails.

    Raises TimeoutError after so many seconds; what the script has started ends with it.
    """
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script),
        cwd=ROOT,
        env={**os.environ, **variables},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(within):
            output, _ = await process.communicate()
    except TimeoutError:
        # With its commands: `wait` returns only when all that hold the pipe have ended.
        os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
        raise
    said = output.decode()
    assert process.returncode == 0, f"exit code {process.returncode}\n{script}\n{said}"
    return said
