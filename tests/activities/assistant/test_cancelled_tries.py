"""A try that Temporal's SDK cancels: it ends where it is, but not for having lost Temporal alone."""

import asyncio

import pytest
from temporalio.activity import ActivityCancellationDetails

from domain.assistant.turn_ends import RoundEnd
from tests.activities.assistant.saying import Saying
from tests.support.scripted_model import END

TIMED_OUT = ActivityCancellationDetails(not_found=True, timed_out=True)
"""As the SDK says it when Temporal has taken no heartbeat for too long."""


async def test_answer_goes_to_its_end_without_temporal(saying: Saying) -> None:
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")

    saying.environment.cancel(TIMED_OUT)
    saying.model.says("morning", END)

    assert await under_way is RoundEnd.DONE
    turn = await saying.talks.turn(saying.turn.turn_id)
    assert (turn.answer, turn.rounds) == ("Good morning", 1)


@pytest.mark.parametrize("reason", ["cancel_requested", "worker_shutdown", "not_found"])
async def test_answer_that_is_cancelled_for_another_reason_ends_where_it_is(saying: Saying, reason: str) -> None:
    under_way = saying.start()
    saying.model.says("Good ")
    await saying.wait_said("Good ")

    saying.environment.cancel(ActivityCancellationDetails(**{reason: True}))

    with pytest.raises(asyncio.CancelledError):
        await under_way
    await saying.wait_left()
