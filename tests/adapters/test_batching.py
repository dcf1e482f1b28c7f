"""Calls that meet are carried out together; none hears, pays for, or waits for another longer than it must."""

import asyncio
from collections.abc import Sequence
from contextvars import ContextVar

import pytest

from adapters.batching import MAX_BATCH_SIZE, Batches

caller: ContextVar[str] = ContextVar("caller", default="none")


class Doubling:
    """Work that doubles numbers. It waits while `is_open` is cleared, and records each batch as it begins."""

    def __init__(self) -> None:
        self.begun: list[list[int]] = []
        self.callers: list[str] = []
        self.has_begun = asyncio.Event()
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.error: Exception | None = None

    async def __call__(self, numbers: Sequence[int]) -> Sequence[int]:
        self.begun.append(list(numbers))
        self.callers.append(caller.get())
        self.has_begun.set()
        error = self.error
        await self.is_open.wait()
        if error:
            raise error
        return [2 * number for number in numbers]


@pytest.fixture
async def work() -> Doubling:
    return Doubling()


@pytest.fixture
def batches(work: Doubling) -> Batches[int, int]:
    return Batches(work)


async def begin(work: Doubling, batches: Batches[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    """Calls that have been made when this returns, the first batch of all being under way."""
    calls = [asyncio.create_task(batches.run(number)) for number in numbers]
    await asyncio.sleep(0)
    await work.has_begun.wait()
    return calls


async def test_call_that_meets_no_other_is_carried_out_alone(work: Doubling, batches: Batches[int, int]) -> None:
    assert [await batches.run(number) for number in (1, 2)] == [2, 4]
    assert work.begun == [[1], [2]]


async def test_calls_made_during_a_batch_form_the_next_and_each_gets_its_own_result(
    work: Doubling, batches: Batches[int, int]
) -> None:
    work.is_open.clear()
    calls = await begin(work, batches, 1)
    calls += await begin(work, batches, 2, 3, 2)

    work.is_open.set()

    assert await asyncio.gather(*calls) == [2, 4, 6, 4]
    assert work.begun == [[1], [2, 3, 2]]


async def test_more_calls_than_a_batch_takes_form_several(work: Doubling, batches: Batches[int, int]) -> None:
    numbers = range(2 * MAX_BATCH_SIZE + 1)

    results = await asyncio.gather(*map(batches.run, numbers))

    assert list(results) == [2 * number for number in numbers]
    assert list(map(len, work.begun)) == [MAX_BATCH_SIZE, MAX_BATCH_SIZE, 1]


async def test_error_reaches_all_calls_of_its_batch_and_none_of_the_next(
    work: Doubling, batches: Batches[int, int]
) -> None:
    work.error = RuntimeError("away")
    work.is_open.clear()
    failing = await begin(work, batches, 1, 2)
    work.error = None
    later = await begin(work, batches, 3)

    work.is_open.set()

    assert await asyncio.gather(*failing, return_exceptions=True) == [failing[0].exception()] * 2
    assert str(failing[0].exception()) == "away"
    assert await asyncio.gather(*later) == [6]


async def test_cancelled_call_leaves_the_others_theirs(work: Doubling, batches: Batches[int, int]) -> None:
    work.is_open.clear()
    first, second = await begin(work, batches, 1, 2)
    third, fourth = await begin(work, batches, 3, 4)

    first.cancel()
    third.cancel()
    work.is_open.set()

    assert [await second, await fourth] == [4, 8]
    assert await batches.run(5) == 10


async def test_batch_without_an_answer_holds_no_caller_for_long(work: Doubling, batches: Batches[int, int]) -> None:
    work.is_open.clear()
    (stuck,) = await begin(work, batches, 1)
    work.is_open = asyncio.Event()
    work.is_open.set()

    async with asyncio.timeout(2):
        assert await batches.run(2) == 4

    assert not stuck.done()
    stuck.cancel()


async def test_results_that_are_too_few_are_an_error_and_no_caller_waits_for_ever() -> None:
    async def lose_one(numbers: Sequence[int]) -> Sequence[int]:
        return numbers[1:]

    with pytest.raises(ValueError, match="shorter"):
        await Batches(lose_one).run(1)


async def test_batch_runs_in_no_callers_context(work: Doubling, batches: Batches[int, int]) -> None:
    """A deadline that one caller has set (`pymongo.timeout`) is not the deadline of the others."""
    caller.set("one of them")

    await batches.run(1)

    assert work.callers == ["none"]
