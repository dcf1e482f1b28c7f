"""Flows as their workflows show them, by flow id."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from adapters.crypto.keyed_hashes import KeyedHashes
from domain.flows import FlowView, build_workflow_id, parse_flow_kind

RPC_TIMEOUT = timedelta(seconds=2)

# The name of the floor above, which adapters do not see: tests/adapters/temporal/test_flow_views.py compares it.
QUERY = "look"


class FlowViews:
    """Asks the workflows of flows how far they are."""

    def __init__(self, temporal: Client, hashes: KeyedHashes) -> None:
        self._temporal = temporal
        self._hashes = hashes

    async def find(self, flow_ids: Sequence[str]) -> Sequence[FlowView]:
        """Return the views of those flows that still exist. Raises RPCError while Temporal is unavailable."""
        views = await asyncio.gather(*map(self._find, flow_ids))
        return [view for view in views if view]

    async def _find(self, flow_id: str) -> FlowView | None:
        workflow_id = build_workflow_id(parse_flow_kind(flow_id), self._hashes.workflow_key(flow_id))
        flow = self._temporal.get_workflow_handle(workflow_id)
        try:
            view: FlowView = await flow.query(QUERY, result_type=FlowView, rpc_timeout=RPC_TIMEOUT)
        except WorkflowQueryFailedError:
            return None
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return None
        return view
