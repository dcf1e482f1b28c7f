"""Messages of a chat over HTTP: what may be sent, how often, and the history in pages."""

import httpx
import pytest

from config.rates import Rate
from config.settings import Settings
from tests.support.chats import CHATS, answered, new_chat, send
from tests.support.envelope import Json, data, fields, refusal
from tests.support.people import SignedIn
from tests.support.rate_limited_api import serving

UNKNOWN = "0" * 24


async def history(api: httpx.AsyncClient, someone: SignedIn, chat_id: str, **query: int) -> Json:
    found: Json = data(await api.get(f"{CHATS}/{chat_id}/messages", params=query, headers=someone.bearer))
    return found


async def test_history_has_both_sides_in_order(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    for text in ("say one", "fail", "say two"):
        await answered(api, someone, chat_id, text)

    page = await history(api, someone, chat_id)

    assert [(each["seq"], each["role"], each["content"]) for each in page["messages"]] == [
        (1, "user", "say one"),
        (2, "assistant", "one"),
        (3, "user", "fail"),
        (4, "assistant", ""),
        (5, "user", "say two"),
        (6, "assistant", "two"),
    ]
    assert [each["state"] for each in page["messages"]][2:4] == ["failed", "failed"]


async def test_history_is_read_page_by_page(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)
    for text in ("say one", "say two"):
        await answered(api, someone, chat_id, text)

    newest = await history(api, someone, chat_id, limit=3)
    oldest = await history(api, someone, chat_id, limit=3, before=newest["next_before"])

    assert [each["seq"] for each in oldest["messages"] + newest["messages"]] == [1, 2, 3, 4]
    assert oldest["next_before"] is None


async def test_unknown_chat_has_no_messages(api: httpx.AsyncClient, someone: SignedIn) -> None:
    assert refusal(await send(api, someone, UNKNOWN, "hello")) == (404, "ChatNotFound")


@pytest.mark.parametrize("text", ["", " \n\t", "x" * 16_001], ids=["empty", "blank", "too long"])
async def test_message_without_words_or_too_long_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, text: str
) -> None:
    chat_id = await new_chat(api, someone)

    assert fields(await send(api, someone, chat_id, text)) == {"body.text"}


async def test_longest_message_in_wide_characters_is_taken(api: httpx.AsyncClient, someone: SignedIn) -> None:
    chat_id = await new_chat(api, someone)

    assert (await send(api, someone, chat_id, "\U0001f600" * 15_990)).status_code in (200, 202)


async def test_message_over_the_limit_is_refused_in_every_chat(settings: Settings, someone: SignedIn) -> None:
    async with serving(settings, chat=Rate(2, 60)) as limited, limited.client_anywhere() as client:
        chats = [await new_chat(client, someone) for _ in range(3)]
        sent = [await send(client, someone, chat_id, "hello") for chat_id in chats]

    assert [each.status_code for each in sent[:2]] == [200, 200]
    assert refusal(sent[2]) == (429, "RateLimited")


async def test_repeat_is_not_counted_again(settings: Settings, someone: SignedIn) -> None:
    async with serving(settings, chat=Rate(1, 60)) as limited, limited.client_anywhere() as client:
        chat_id = await new_chat(client, someone)
        sent = [await send(client, someone, chat_id, "hello", "one-message") for _ in range(2)]

    assert len({data(each)["turn"]["turn_id"] for each in sent}) == 1
