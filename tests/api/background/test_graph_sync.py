"""What a search does for accounts that wait for the graph must never cost it its answer."""

import pytest
from neo4j.exceptions import CypherTypeError, ServiceUnavailable

from adapters.resources import Resources
from api.background.graph_sync import GraphSyncTrigger
from domain.users.users import GraphUser
from tests.support.accounts import make_account


@pytest.mark.parametrize("error", [CypherTypeError, ServiceUnavailable])
async def test_accounts_that_cannot_be_written_are_left_to_the_drain(
    resources: Resources, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    someone = await make_account(resources)
    waiting = await resources.users.users.find_graph_user(someone.user["_id"])
    tried: list[GraphUser | None] = []

    async def find(*, limit: int) -> list[GraphUser | None]:
        return [waiting][:limit]

    async def refuse(users: list[GraphUser]) -> None:
        tried.extend(users)
        raise error

    monkeypatch.setattr(resources.users.users, "find_newest_unsynced", find)
    monkeypatch.setattr(resources.users.nodes, "put_at_once", refuse)

    await GraphSyncTrigger(resources).put_pending()

    assert tried == [waiting]
