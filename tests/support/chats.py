"""What a user does with the assistant over HTTP."""

import secrets

import httpx

from tests.support.envelope import Json, data
from tests.support.people import SignedIn
from tests.support.polling import eventually

CHATS = "/assistant/chats"
TURNS = "/assistant/turns"
OPEN = ("queued", "running", "waiting_approval")


async def new_chat(api: httpx.AsyncClient, someone: SignedIn, **wanted: object) -> str:
    """Begin a chat and return its id."""
    return str(data(await api.post(CHATS, json=wanted, headers=someone.bearer), 201)["chat_id"])


async def send(
    api: httpx.AsyncClient, someone: SignedIn, chat_id: str, text: str, message_id: str | None = None, **more: str
) -> httpx.Response:
    """Send a message; `more`: other fields of its body."""
    headers = someone.bearer | {"Idempotency-Key": message_id or secrets.token_hex(8)}
    return await api.post(f"{CHATS}/{chat_id}/messages", json={"text": text, **more}, headers=headers)


async def accepted(api: httpx.AsyncClient, someone: SignedIn, chat_id: str, text: str, **more: str) -> Json:
    """Send a message whose answer takes longer than the request, and return its turn."""
    turn: Json = data(await send(api, someone, chat_id, text, **more), 202)["turn"]
    return turn


async def answered(api: httpx.AsyncClient, someone: SignedIn, chat_id: str, text: str) -> Json:
    """Send a message and return its turn once that is closed."""
    sent: Json = (await send(api, someone, chat_id, text)).json()["data"]
    return await closed(api, someone, sent["turn"]["turn_id"])


async def read_turn(api: httpx.AsyncClient, someone: SignedIn, turn_id: str, **position: int) -> Json:
    """Return a turn, with what was said after a position."""
    turn: Json = data(await api.get(f"{TURNS}/{turn_id}", params=position, headers=someone.bearer))
    return turn


async def closed(api: httpx.AsyncClient, someone: SignedIn, turn_id: str, *, within: float = 30) -> Json:
    """Return a turn as soon as it is closed."""

    async def look() -> Json | None:
        turn = await read_turn(api, someone, turn_id)
        return None if turn["state"] in OPEN else turn

    return await eventually(look, within=within)


async def speaking(api: httpx.AsyncClient, someone: SignedIn, turn_id: str) -> Json:
    """Return a turn as soon as something was said in it."""

    async def look() -> Json | None:
        turn = await read_turn(api, someone, turn_id)
        return turn if said(turn) else None

    return await eventually(look)


def said(turn: Json) -> str:
    """Return what the assistant has said."""
    return "".join(part["content"] for part in turn["parts"])
