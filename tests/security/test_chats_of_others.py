"""A chat, its turns and the calls in it are their user's alone: to all others they are as any that never was."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from adapters.resources import Resources
from api.assistant.schemas.sockets import EVENTS
from api.sockets.messages import SHARED_EVENTS
from devstack.stack import Stack
from tests.api.access_levels import LEVELS, UNKNOWN_ID
from tests.api.askers import Become, anonymous, as_operator, as_super_admin, deactivated, on_their_device
from tests.api.requests import ask
from tests.support.accounts import make_account
from tests.support.approvals import APPROVALS, calling, following, waiting_call
from tests.support.chats import CHATS, accepted, answered, new_chat
from tests.support.envelope import Json, data, refusal
from tests.support.graph import block
from tests.support.people import SignedIn
from tests.support.talks import talks_of
from tests.support.websocket_client import WebSocketClient, connected

ROUTES = [route for route in LEVELS if "/assistant/" in route]
PLACES = ("{chat_id}", "{turn_id}", "{call_id}")
BODIES: Mapping[str, Json] = {
    "PATCH /assistant/chats/{chat_id}": {"title": "mine"},
    "POST /assistant/chats/{chat_id}/messages": {"text": "hello"},
    "POST /assistant/approvals/{call_id}": {"decision": "once"},
}
NAMING: Mapping[str, str] = {
    "resume": "turn_id",
    "stop_turn": "turn_id",
    "retry_turn": "turn_id",
    "answer_approval": "call_id",
}
"""The events that name something of a chat, by the field that does."""
OF_THE_OWN_CHAT = {
    *("user_message", "user_message_stream", "get_history", "get_session_info"),
    *("list_tools", "get_tool_info", "call_tool"),
}
KINDS = ["other", "blocked", "blocking", "admin"]


@dataclass(frozen=True)
class Theirs:
    """A chat of `owner` in which `word` was said and called, with a turn that waits for an approval."""

    owner: SignedIn
    word: str
    chat_id: str
    turn_id: str
    call_id: str

    def fill(self, route: str) -> str:
        """Return the route with the ids of the chat."""
        values = (self.chat_id, self.turn_id, self.call_id)
        for place, value in zip(PLACES, values, strict=True):
            route = route.replace(place, value)
        return route


UNKNOWN = {"chat_id": UNKNOWN_ID, "turn_id": UNKNOWN_ID, "call_id": "call-0001"}


@pytest.fixture(scope="module")
def url(stack: Stack) -> str:
    return stack.url("api")


@pytest.fixture(scope="module")
async def theirs(url: str, resources: Resources) -> Theirs:
    owner, word = await make_account(resources), f"word{secrets.token_hex(6)}"
    async with httpx.AsyncClient(base_url=url, timeout=30) as api:
        chat_id = await new_chat(api, owner, metadata={"note": word})
        data(await api.patch(f"{CHATS}/{chat_id}", json={"title": word}, headers=owner.bearer))
        await answered(api, owner, chat_id, calling("echo", text=word))
        waiting = await accepted(api, owner, chat_id, following(await make_account(resources)))
        call = await waiting_call(api, owner)
    return Theirs(owner, word, chat_id, waiting["turn_id"], call["call_id"])


async def become(resources: Resources, theirs: Theirs, kind: str) -> Mapping[str, str]:
    """Return the headers of a user of this kind."""
    someone = await make_account(resources)
    if kind == "blocked":
        await block(resources, theirs.owner, someone)
    if kind == "blocking":
        await block(resources, someone, theirs.owner)
    make = as_super_admin if kind == "admin" else on_their_device
    return await make(resources, someone)


async def as_owner_sees(api: httpx.AsyncClient, theirs: Theirs) -> list[Any]:
    """Return the chat with all that is in it; any change changes it."""
    places = (f"{CHATS}/{theirs.chat_id}", f"{CHATS}/{theirs.chat_id}/messages", APPROVALS)
    return [data(await api.get(place, headers=theirs.owner.bearer)) for place in places]


def essence(response: httpx.Response) -> Json:
    """Return what an answer says, without what is of this request alone."""
    return {name: value for name, value in response.json().items() if name not in ("timestamp", "path", "requestId")}


@pytest.mark.parametrize("kind", KINDS)
async def test_chat_of_another_is_unknown_to_every_route(
    api: httpx.AsyncClient, resources: Resources, theirs: Theirs, kind: str
) -> None:
    headers = dict(await become(resources, theirs, kind))
    before = await as_owner_sees(api, theirs)

    named = [route for route in ROUTES if any(place in route for place in PLACES)]
    answers = {route: await ask(api, theirs.fill(route), headers, BODIES.get(route)) for route in named}
    unknown = {route: await ask(api, route, headers, BODIES.get(route)) for route in named}

    assert {route: essence(answer) for route, answer in answers.items()} == {
        route: essence(answer) for route, answer in unknown.items()
    }
    assert {answer.status_code for answer in answers.values()} == {404}
    assert await as_owner_sees(api, theirs) == before


@pytest.mark.parametrize("kind", [as_super_admin, as_operator], ids=lambda kind: kind.__name__)
async def test_no_route_shows_a_word_to_who_runs_the_product(
    api: httpx.AsyncClient, resources: Resources, theirs: Theirs, kind: Become
) -> None:
    headers = await kind(resources, await make_account(resources))
    reading = [theirs.fill(route.replace("{user_id}", theirs.owner.user["_id"])) for route in LEVELS if "GET" in route]

    shown = [route for route in reading if theirs.word in (await ask(api, route, headers)).text]

    assert len(reading) > 50
    assert shown == []


@pytest.mark.parametrize(
    ("kind", "error"),
    [(anonymous, "NotAuthenticated"), (deactivated, "SessionRevoked")],
    ids=["anonymous", "deactivated owner"],
)
async def test_nothing_is_answered_without_a_living_account(
    api: httpx.AsyncClient, resources: Resources, url: str, kind: Become, error: str
) -> None:
    owner = await make_account(resources)
    chat_id = (await talks_of(resources, owner.user["_id"]).begin_chat()).chat_id
    headers = await kind(resources, owner)

    answers = {route: await ask(api, route.replace("{chat_id}", chat_id), headers) for route in ROUTES}
    async with connected(url, headers, query=f"?chat_id={chat_id}", path="/assistant") as socket:
        with suppress(ConnectionClosed):
            await socket.send("get_history")
        code = await socket.closed()

    assert {refusal(answer) for answer in answers.values()} == {(401, error)}
    assert code == 4401


async def refusals(socket: WebSocketClient, ids: Mapping[str, str]) -> Json:
    """Return how a socket is told of a chat, and of all that it names in it."""
    await socket.receive("connected")
    event, ended = await socket.receive_any()
    answers: Json = {event: ended["reason"]}
    await socket.receive("session_created")
    for event, field in NAMING.items():
        decision = {"decision": "once"} if event == "answer_approval" else {}
        await socket.send(event, **{field: ids[field]}, **decision)
        answers[event] = await socket.receive("error")
    return answers


@pytest.mark.parametrize("kind", KINDS)
async def test_chat_of_another_is_unknown_to_every_event(
    api: httpx.AsyncClient, resources: Resources, url: str, theirs: Theirs, kind: str
) -> None:
    headers = await become(resources, theirs, kind)
    before, told = await as_owner_sees(api, theirs), []
    for ids in (vars(theirs), UNKNOWN):
        async with connected(url, headers, query=f"?chat_id={ids['chat_id']}", path="/assistant") as socket:
            told.append(await refusals(socket, ids))
            await socket.send("get_history")
            told[-1]["history"] = (await socket.receive("conversation_history"))["messages"]

    assert told[0] == told[1]
    assert {event: told[0][event]["error"] for event in NAMING} == {
        **dict.fromkeys(("resume", "stop_turn", "retry_turn"), "TurnNotFound"),
        "answer_approval": "ApprovalNotFound",
    }
    assert (told[0]["session_destroyed"], told[0]["history"]) == ("deleted", [])
    assert await as_owner_sees(api, theirs) == before


def test_every_event_names_nothing_or_is_in_the_table() -> None:
    assert EVENTS.keys() - SHARED_EVENTS.keys() - {"authenticate"} == NAMING.keys() | OF_THE_OWN_CHAT
