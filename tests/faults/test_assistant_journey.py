"""The whole promise of the assistant, on two API processes and two workers: what is said is answered whole, whoever
dies or leaves; a change is made once, after a yes; and words are their user's alone until they are gone.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import another_worker, kill_worker_of
from tests.gateway.process import ApiProcess, processes
from tests.support.account_deletion import deactivate, reach_deadline, wait_deactivated, wait_erased
from tests.support.account_export import file
from tests.support.accounts import make_account
from tests.support.approvals import calling, following
from tests.support.chat_client import ChatClient, Heard, chatting
from tests.support.chats import CHATS, new_chat, read_turn, said
from tests.support.envelope import Json, data
from tests.support.graph import kinds
from tests.support.people import SignedIn
from tests.support.polling import eventually
from tests.support.signed_in import signed_in_again
from tests.support.store_scan import find_in_files, find_words

LONG = 60.0


@dataclass(frozen=True)
class Talk:
    """A chat of a user, in which all that is said has `word`. `here`: URL of an API process. `there`: the other."""

    stack: Stack
    api: httpx.AsyncClient
    resources: Resources
    here: str
    there: ApiProcess
    someone: SignedIn
    friend: SignedIn
    word: str
    chat_id: str

    def words(self, number: int) -> str:
        """So many words, each of which the assistant takes 50 ms to say."""
        return " ".join(f"{self.word}-{each}" for each in range(number))

    async def stored(self, turn_id: str) -> Json:
        return await read_turn(self.api, self.someone, turn_id)

    async def kill_worker(self) -> None:
        """Kill the worker that speaks in the chat, or waits there for the user."""
        await kill_worker_of(self.resources, self.chat_id)

    async def find_word(self) -> set[str]:
        """The places that hold the word in clear."""
        return await find_words(self.resources, self.word) | find_in_files(self.stack, self.word)


@asynccontextmanager
async def talking(stack: Stack, api: httpx.AsyncClient, resources: Resources) -> AsyncIterator[Talk]:
    """A chat with a title, while a second API process and a second worker run."""
    someone, friend = [await make_account(resources) for _ in range(2)]
    word = f"word{secrets.token_hex(8)}"
    chat_id = await new_chat(api, someone, metadata={"note": word})
    data(await api.patch(f"{CHATS}/{chat_id}", json={"title": word}, headers=someone.bearer))
    async with AsyncExitStack() as running:
        (there,), _ = await asyncio.gather(
            running.enter_async_context(processes(stack, 1)), running.enter_async_context(another_worker(stack))
        )
        yield Talk(stack, api, resources, stack.url("api"), there, someone, friend, word, chat_id)


async def test_talk_survives_whatever_dies_and_leaves_no_word(
    stack: Stack, api: httpx.AsyncClient, resources: Resources
) -> None:
    async with talking(stack, api, resources) as talk:
        async with chatting(talk.someone, talk.there.url, talk.chat_id) as client:
            await answer_is_whole_though_its_worker_was_killed(talk, client)
            turn_id = await client.say(f"say {talk.words(30)}")
            begun = await client.hear(turn_id, until_chunks=2)
            await talk.there.kill()

        starting = asyncio.create_task(talk.there.start())
        async with chatting(talk.someone, talk.here, talk.chat_id) as client:
            await answer_goes_on_at_the_other_process(talk, client, turn_id, begun)
            await stopped_answer_keeps_what_was_said(talk, client)
            turn_id, call_id = await change_waits_for_a_yes(talk, client)

        await talk.kill_worker()
        await starting
        again = await signed_in_again(talk.api, talk.someone)
        async with chatting(again, talk.there.url, talk.chat_id) as other_device:
            await yes_is_carried_out_once(talk, other_device, turn_id, call_id)

    await export_has_the_words(talk)
    assert await talk.find_word() == set()
    await erase_account(talk)
    assert await talk.find_word() == set()


async def answer_is_whole_though_its_worker_was_killed(talk: Talk, client: ChatClient) -> None:
    turn_id = await client.say(f"say {talk.words(60)}")
    await client.hear(turn_id, until_chunks=3)

    await talk.kill_worker()
    heard = await client.hear(turn_id)
    stored = await talk.stored(turn_id)

    assert heard.end is not None
    assert (stored["state"], stored["attempt"]) == ("completed", 1)
    assert heard.text == heard.end["fullResponse"] == said(stored) == talk.words(60)


async def answer_goes_on_at_the_other_process(talk: Talk, client: ChatClient, turn_id: str, begun: Heard) -> None:
    (open_turn,) = client.greeting["openTurns"]
    await client.resume(turn_id, 0, begun.offsets[0])
    rest = await client.hear(turn_id)

    assert (open_turn["turn_id"], begun.end) == (turn_id, None)
    assert begun.text + rest.text == talk.words(30)


async def stopped_answer_keeps_what_was_said(talk: Talk, client: ChatClient) -> None:
    turn_id = await client.say(f"say {talk.words(500)}")
    await client.hear(turn_id, until_chunks=2)
    await client.socket.send("stop_turn", turn_id=turn_id)
    heard = await client.hear(turn_id)

    assert heard.end is not None
    assert heard.end["state"] == "stopped"
    assert heard.text == heard.end["fullResponse"] == said(await talk.stored(turn_id))


async def change_waits_for_a_yes(talk: Talk, client: ChatClient) -> tuple[str, str]:
    """Return the ids of the turn and of its call that waits, after others that need no yes."""
    turn_id = await client.say("\n".join([calling("echo", text=talk.word), calling(talk.word), following(talk.friend)]))
    asked = await client.socket.receive("approval_requested")

    assert talk.friend.person.username in asked["summary"]
    assert await kinds(talk.resources, talk.someone, talk.friend) == []
    return turn_id, asked["callId"]


async def yes_is_carried_out_once(talk: Talk, device: ChatClient, turn_id: str, call_id: str) -> None:
    shown = await device.socket.receive("approval_requested")
    await device.socket.send("answer_approval", call_id=shown["callId"], decision="once")
    heard = await device.hear(turn_id, within=LONG)
    follow = (await talk.stored(turn_id))["parts"][2]["call"]

    assert heard.end is not None
    assert (shown["callId"], heard.end["state"]) == (call_id, "completed")
    assert follow["result"]["data"]["changed"]
    assert await kinds(talk.resources, talk.someone, talk.friend) == ["FOLLOWING"]
    assert await eventually(lambda: notified_follows(talk)) == 1


async def notified_follows(talk: Talk) -> int:
    """How many follows MongoDB has told the friend of."""
    follows = {"user_id": ObjectId(talk.friend.user["_id"]), "type": "new_follow"}
    return await talk.resources.clients.database["notifications"].count_documents(follows)


async def export_has_the_words(talk: Talk) -> None:
    exported = await file(talk.api, talk.someone)
    nouns = {noun for noun, rows in exported.items() if talk.word in json.dumps(rows)}

    assert nouns == {"chats", "turns", "tool_calls"}
    assert {talk.words(60), talk.words(30)} <= {part["text"] for turn in exported["turns"] for part in turn["parts"]}


async def erase_account(talk: Talk) -> None:
    flow_id = await deactivate(talk.api, talk.someone)
    await wait_deactivated(talk.resources, talk.someone)
    await reach_deadline(talk.resources, talk.someone)
    await wait_erased(talk.api, flow_id, within=LONG)
