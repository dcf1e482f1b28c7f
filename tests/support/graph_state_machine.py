"""The environment of a state machine of users who follow, block and leave: real servers, one step at a time."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from bson import ObjectId

from adapters.resources import Resources, open_resources
from config.settings import Settings
from tests.support.accounts import make_account
from tests.support.graph import project
from tests.support.people import SignedIn

Result = TypeVar("Result")

EDGES = """
MATCH (a:User)-[edge:FOLLOWING|FOLLOWING_PAUSED|BLOCKED]->(b:User)
WHERE a.user_id IN $ids AND b.user_id IN $ids
RETURN type(edge) AS kind, a.user_id AS a, b.user_id AS b, edge.from_id AS from_id, edge.to_id AS to_id
"""
ALL = 100


class GraphWorld:
    """`portal` leads to a loop of its own, for the machine's steps are no coroutines."""

    def __init__(self, portal: BlockingPortal, resources: Resources, api: httpx.Client) -> None:
        self._portal = portal
        self._resources = resources
        self.api = api

    def person(self) -> SignedIn:
        return self._do(make_account, self._resources)

    def set_active(self, person: SignedIn, *, active: bool) -> None:
        """As the flow of a deactivation does it: the account, the node, then the edges."""
        self._do(self._set_active, person, active)

    def edges(self, people: list[SignedIn]) -> list[dict[str, Any]]:
        """Every edge between these."""
        ids = [person.user["_id"] for person in people]
        found = self._do(lambda: self._resources.clients.neo4j.execute_query(EDGES, ids=ids))
        return [record.data() for record in found.records]

    def get(self, by: SignedIn, path: str, **query: Any) -> httpx.Response:
        return self.api.get(path, params={"limit": ALL, **query}, headers=by.bearer)

    async def _set_active(self, person: SignedIn, active: bool) -> None:
        change = {"$set": {"is_active": active}, "$inc": {"profile_version": 1}}
        users = self._resources.clients.database["users"]
        await users.update_one({"_id": ObjectId(person.user["_id"])}, change)
        await project(self._resources, person)
        follows, user_id = self._resources.social.follows, person.user["_id"]
        await (follows.resume if active else follows.pause)(user_id, limit=ALL)

    def _do(self, work: Callable[..., Awaitable[Result]], *arguments: object) -> Result:
        return self._portal.call(work, *arguments)


@contextmanager
def world(settings: Settings, url: str) -> Iterator[GraphWorld]:
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(open_resources(settings, service="api")) as resources,
        httpx.Client(base_url=url, timeout=30) as api,
    ):
        yield GraphWorld(portal, resources, api)
