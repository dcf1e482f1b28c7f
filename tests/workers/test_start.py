"""A worker that starts waits for servers, and for nothing else."""

import asyncio
from collections.abc import Iterator

import pytest
from pymongo.errors import ServerSelectionTimeoutError

from workers import __main__ as workers


async def test_server_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "RETRY_PAUSE_SECONDS", 0)
    answers: Iterator[Exception | str] = iter([ServerSelectionTimeoutError("away"), ConnectionRefusedError(), "there"])

    async def attempt() -> str:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert await workers._retry_until_ready(attempt, asyncio.Event()) == "there"


async def test_bug_is_not_waited_for() -> None:
    async def attempt() -> None:
        raise KeyError("no such setting")

    with pytest.raises(KeyError):
        await workers._retry_until_ready(attempt, asyncio.Event())
