"""What is said to the assistant is in clear nowhere at rest: neither in MongoDB, nor in Temporal's database, nor in a
log; and in Redis only while it is being said.
"""

import secrets

import httpx

from adapters.redis.turn_texts import TEXT_TTL
from adapters.resources import Resources
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.chats import CHATS, accepted, answered, closed, new_chat, speaking
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.store_scan import find_words


def files_with(stack: Stack, word: str) -> list[str]:
    """Return the files of Temporal's database and the logs that hold a word."""
    folder = stack.folder.root
    found = [path for part in ("temporal", "logs") for path in (folder / part).rglob("*") if path.is_file()]
    assert len(found) > 3
    return [str(path) for path in found if word.encode() in path.read_bytes()]


async def talk(api: httpx.AsyncClient, someone: SignedIn, word: str) -> str:
    """Say a word in every way there is, and return the id of the last turn."""
    chat_id = await new_chat(api, someone, metadata={"note": word})
    data(await api.patch(f"{CHATS}/{chat_id}", json={"title": word}, headers=someone.bearer))
    await answered(api, someone, chat_id, f"say {word}")
    await answered(api, someone, chat_id, f'call echo {{"text": "{word}"}}')
    await answered(api, someone, chat_id, f"call {word} {{}}")
    turn = await answered(api, someone, chat_id, f"say {word} again")
    return str(turn["turn_id"])


async def test_nothing_that_was_said_is_in_clear_at_rest(
    stack: Stack, api: httpx.AsyncClient, resources: Resources
) -> None:
    someone, word = await make_account(resources), f"word{secrets.token_hex(8)}"

    turn_id = await talk(api, someone, word)

    redis = resources.clients.redis
    texts = [key async for key in redis.scan_iter(f"turn_text:{turn_id}:*", count=1000)]
    assert await find_words(resources, word) == set()
    assert files_with(stack, word) == []
    assert texts == []


async def test_text_in_redis_dies_in_minutes(api: httpx.AsyncClient, resources: Resources) -> None:
    someone = await make_account(resources)
    chat_id = await new_chat(api, someone)
    turn_id = str((await accepted(api, someone, chat_id, "count 60"))["turn_id"])
    await speaking(api, someone, turn_id)

    left = await resources.clients.redis.ttl(f"turn_text:{turn_id}:1:0")

    await closed(api, someone, turn_id)
    assert 0 < left <= TEXT_TTL.total_seconds()
