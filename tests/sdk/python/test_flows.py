"""A client waits for flows."""

import pytest

from decode_client import DecodeClient, FlowEnded
from decode_client.generated.answers import Flow, FlowState, NextStep
from tests.support.later_api import later_api
from tests.support.people import new_person

RUNNING = {
    **{"flow_id": "r1", "kind": "account_export", "state": "running", "next": None},
    **{"expires_at": None, "attempts_left": None, "resend_available_at": None},
}


async def test_wait_ends_with_the_flow(signed_in: DecodeClient) -> None:
    begun = await signed_in.account.begin_export()

    flow = await signed_in.flows.wait(begun.flow_id)

    assert flow.state == FlowState.COMPLETED


async def test_flow_that_waits_for_its_user_is_not_waited_for(decode: DecodeClient) -> None:
    begun = await decode.registration.begin(**new_person().application)

    flow = await decode.flows.wait(begun.flow_id)

    assert (flow.state, flow.next) == (FlowState.WAITING, NextStep.EMAIL_CODE)


async def test_flow_that_ends_without_a_result_is_an_error(decode: DecodeClient) -> None:
    begun = await decode.registration.begin(**new_person().application)
    await decode.flows.cancel(begun.flow_id)

    with pytest.raises(FlowEnded, match="cancelled") as ended:
        await decode.flows.wait(begun.flow_id)

    assert ended.value.flow.flow_id == begun.flow_id


async def test_wait_has_a_deadline() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.succeed(RUNNING)
        with pytest.raises(TimeoutError):
            await decode.flows.wait("r1", within=0.3)


async def test_step_that_still_runs_is_repeated_until_it_has_its_result() -> None:
    async with later_api() as api, DecodeClient(api.url) as decode:
        api.succeed(RUNNING, 202)
        api.succeed(RUNNING, 202)
        api.answer(200, {"profile": [{"username": "ann"}]})

        assert await decode.account.download_export("r1") == {"profile": [{"username": "ann"}]}


async def test_step_that_runs_beyond_the_limit_answers_with_its_flow() -> None:
    async with later_api() as api, DecodeClient(api.url, max_wait=0.3) as decode:
        api.succeed(RUNNING, 202)

        flow = await decode.account.download_export("r1")

    assert isinstance(flow, Flow)
    assert flow.state == FlowState.RUNNING
