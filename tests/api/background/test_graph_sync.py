"""A search writes the accounts that wait for the graph: what it can, and never an erased or a wrong one."""

from datetime import UTC, datetime

import httpx
import pytest
from bson import ObjectId
from neo4j.exceptions import CypherTypeError, ServiceUnavailable

from adapters.mongo.users.users import UserStore
from adapters.neo4j.users.users import GraphUserStore
from adapters.resources import Resources
from api.background.graph_sync import GraphSyncTrigger
from domain.users.users import GraphUser
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.people import SignedIn


class Refusing:
    """Nodes that cannot be written, and who should have been."""

    def __init__(self, error: Exception) -> None:
        self.tried: list[GraphUser] = []
        self._error = error

    async def put_at_once(self, users: list[GraphUser]) -> None:
        self.tried += users
        raise self._error


@pytest.fixture
async def waiting(resources: Resources, monkeypatch: pytest.MonkeyPatch) -> GraphUser:
    """The one account that waits."""
    someone = await make_account(resources)
    user = await resources.users.users.find_graph_user(someone.user["_id"])
    assert user

    async def find(_store: UserStore, *, limit: int) -> list[GraphUser]:
        return [user][:limit]

    monkeypatch.setattr(UserStore, "find_newest_unsynced", find)
    return user


async def test_account_that_neo4j_refuses_is_left_to_the_drain(
    resources: Resources, waiting: GraphUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = Refusing(CypherTypeError())
    monkeypatch.setattr(GraphUserStore, "put_at_once", nodes.put_at_once)

    await GraphSyncTrigger(resources).put_pending()

    assert nodes.tried == [waiting]


@pytest.mark.usefixtures("waiting")
async def test_search_that_cannot_write_in_time_is_not_answered(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(GraphUserStore, "put_at_once", Refusing(ServiceUnavailable()).put_at_once)

    with pytest.raises(ServiceUnavailable):
        await GraphSyncTrigger(resources).put_pending()


async def test_node_of_an_account_that_was_erased_meanwhile_is_removed(
    resources: Resources, waiting: GraphUser
) -> None:
    await resources.clients.database["users"].delete_one({"_id": ObjectId(waiting.user_id)})

    await GraphSyncTrigger(resources).put_pending()

    found = await resources.clients.neo4j.execute_query("MATCH (u:User {user_id: $id}) RETURN u", id=waiting.user_id)
    assert found.records == []


async def test_deactivation_that_waits_is_seen_by_a_search(api: httpx.AsyncClient, resources: Resources) -> None:
    reader, leaver = await make_account(resources), await make_account(resources)
    await leave_pending(resources, leaver)

    answer = await api.get("/users/search", params={"q": leaver.person.username}, headers=reader.bearer)

    assert data(answer)["users"] == []


async def leave_pending(resources: Resources, someone: SignedIn) -> None:
    """Deactivate the account in MongoDB alone, as when Neo4j did not answer."""
    left = {"$set": {"is_active": False, "sync_open_since": datetime.now(UTC)}, "$inc": {"profile_version": 1}}
    await resources.clients.database["users"].update_one({"_id": ObjectId(someone.user["_id"])}, left)
