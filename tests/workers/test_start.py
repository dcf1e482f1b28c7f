"""A worker that starts waits for servers, and for nothing else."""

import asyncio
import gc
import sys
from collections.abc import Iterator

import pytest
import uvloop
from pymongo.errors import ServerSelectionTimeoutError

from config import garbage_collection
from config.settings import Environment, Settings
from workers import __main__ as workers


@pytest.fixture
def collector() -> Iterator[None]:
    """The collector of this process, afterwards as it was."""
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


@pytest.mark.usefixtures("collector")
def test_worker_runs_on_uvloop_and_seldom_collects(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    async def run_workers(*_: object) -> None:
        seen.extend([type(asyncio.get_running_loop()), gc.get_threshold()[0], gc.get_freeze_count() > 0])

    settings = Settings.model_construct(environment=Environment.DEVELOPMENT)
    monkeypatch.setattr(workers, "load_settings", lambda: settings)
    monkeypatch.setattr(workers, "run_workers", run_workers)
    monkeypatch.setattr(workers, "configure_logging", lambda *_: None)
    monkeypatch.setattr(sys, "argv", ["workers"])

    assert workers.main() == 0
    assert seen == [uvloop.Loop, garbage_collection.THRESHOLD, True]


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
