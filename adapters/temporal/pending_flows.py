"""The open flows of one user, as Temporal lists them. A flow that has just begun may not be listed yet."""

from collections.abc import AsyncIterator

from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from domain.accounts.account_export import Row

OPEN_FLOWS_QUERY = "SubjectHash = '{}' AND ExecutionStatus = 'Running' AND FlowKind IS NOT NULL"
KIND = SearchAttributeKey.for_keyword("FlowKind")
STATE = SearchAttributeKey.for_keyword("FlowState")


class PendingFlows:
    """Reads open flows from Temporal's visibility store, which is eventually consistent."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def rows(self, subject_hash: str) -> AsyncIterator[Row]:
        """Yield kind, state and start time of each open flow. Ids are left out: they are bearer secrets."""
        async for flow in self._client.list_workflows(OPEN_FLOWS_QUERY.format(subject_hash)):
            facts = flow.typed_search_attributes
            yield {"kind": facts.get(KIND), "state": facts.get(STATE), "started_at": flow.start_time}
