"""Calls of tools in chats, as their user sees and decides them over HTTP."""

import json

import httpx

from adapters.resources import Resources
from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually

APPROVALS = "/assistant/approvals"


def calling(tool: str, **arguments: object) -> str:
    """A message that makes the mock call a tool."""
    return f"call {tool} {json.dumps(arguments)}"


def following(other: SignedIn) -> str:
    return calling("follow_user", username=other.person.username)


async def waiting_call(api: httpx.AsyncClient, someone: SignedIn) -> Json:
    """The call that waits for this user, as soon as there is one."""

    async def look() -> Json | None:
        found = data(await api.get(APPROVALS, headers=someone.bearer))["approvals"]
        return found[0] if found else None

    return await eventually(look)


async def decide(api: httpx.AsyncClient, someone: SignedIn, call: Json, decision: str) -> httpx.Response:
    return await api.post(f"{APPROVALS}/{call['call_id']}", json={"decision": decision}, headers=someone.bearer)


async def follows(resources: Resources, someone: SignedIn, other: SignedIn) -> bool:
    edge = await resources.clients.neo4j.execute_query(
        "RETURN EXISTS { (:User {user_id: $a})-[:FOLLOWING]->(:User {user_id: $b}) } AS is_there",
        a=someone.user["_id"],
        b=other.user["_id"],
    )
    return bool(edge.records[0]["is_there"])
