"""Flows, and waiting for them."""

import asyncio

from decode_client.errors import FlowEnded
from decode_client.generated.answers import Flow, FlowState
from decode_client.generated.operations import Flows

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
WITHOUT_RESULT = {FlowState.EXPIRED, FlowState.LOCKED, FlowState.CANCELLED, FlowState.FAILED}


class WaitingFlows(Flows):
    """The operations of flows, and `wait`."""

    async def wait(self, flow_id: str, *, within: float = 60.0) -> Flow:
        """Return the flow once it no longer runs: it is completed, or `next` says what it waits for.

        Raises FlowEnded when it has ended without a result, TimeoutError when it runs on after so many seconds.
        """
        async with asyncio.timeout(within):
            flow = await self._at_rest(flow_id)
        if flow.state in WITHOUT_RESULT:
            raise FlowEnded(flow)
        return flow

    async def _at_rest(self, flow_id: str) -> Flow:
        pause = FIRST_PAUSE_SECONDS
        while (flow := await self.get(flow_id)).state == FlowState.RUNNING:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        return flow
