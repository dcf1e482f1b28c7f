"""The commands of runbooks/turns-do-not-move.md, run as written, for turns that no workflow was woken for."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from adapters.resources import Resources
from devstack.stack import Stack
from domain.assistant.chats import NewChat
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import NewTurn, Turn, TurnMode
from tests.support.accounts import make_account
from tests.support.markdown_blocks import bash_blocks, run_bash
from tests.support.polling import eventually
from tests.support.sweep import pause_sweep
from workflows.assistant.turns import turns_workflow_id

PAGE = bash_blocks("runbooks/turns-do-not-move.md")
YOUNG = timedelta(hours=-1)
"""Too young for the sweep, whatever it takes to read the page."""

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(stack: Stack) -> Run:
    """Runs one block after the set-up of the page."""

    async def run(name: str, **variables: str) -> str:
        return await run_bash(PAGE["set-up"] + PAGE[name], {"DECODE_RUN": str(stack.folder.root), **variables})

    return run


async def waiting(resources: Resources, text: str, *, age: timedelta) -> Turn:
    """A turn of a new user in a new chat that is open since then, and whose workflow was not woken."""
    user_id, now = (await make_account(resources)).user["_id"], datetime.now(UTC)
    stores, new_id = resources.assistant, resources.hashes.new_object_id
    chat = await stores.chats.create(NewChat(new_id(), user_id, "", now))
    new = NewTurn(new_id(), chat.chat_id, user_id, text, TurnMode.QUEUE, "", now)
    await stores.messages.accept(new)
    since = {"$set": {"open_since": now - age}}
    await resources.clients.database["turns"].update_one({"_id": ObjectId(new.turn_id)}, since)
    return await read(resources, user_id, new.turn_id)


async def read(resources: Resources, user_id: str, turn_id: str) -> Turn:
    turn = await resources.assistant.turns.find(user_id, turn_id, datetime.now(UTC))
    assert turn
    return turn


async def answer(resources: Resources, turn: Turn) -> str:
    """What was said and is stored by now."""
    return (await read(resources, turn.user_id, turn.turn_id)).answer


async def ends(resources: Resources, turn: Turn) -> TurnState:
    """How the turn ends."""

    async def state() -> TurnState | None:
        now = await read(resources, turn.user_id, turn.turn_id)
        return None if now.state.is_open else now.state

    return await eventually(state, within=60)


def workflow_id(resources: Resources, turn: Turn) -> str:
    return turns_workflow_id(resources.hashes.workflow_key(turn.chat_id))


async def test_turn_that_waits_is_found_without_its_words_and_woken(run: Run, resources: Resources) -> None:
    async with pause_sweep(resources):
        turn = await waiting(resources, "say nothing of this", age=timedelta(days=1))
        output = await run("open")
    chat = workflow_id(resources, turn)

    assert f"chat {turn.chat_id}: turn 1 queued for" in output
    assert f"turn_id {turn.turn_id}\n  {chat}\n" in output
    assert "nothing" not in output
    assert '"status":"ok"' in await run("ready")
    assert "worker." in await run("pollers")
    assert await run("wake", CHAT_ID=turn.chat_id) == "woken\n"
    assert await ends(resources, turn) is TurnState.COMPLETED
    assert "Completed" in (await run("describe", WORKFLOW_ID=chat)).title()


async def test_turn_whose_wake_up_was_lost_is_swept(run: Run, resources: Resources) -> None:
    turn = await waiting(resources, "hello", age=timedelta(minutes=1))

    await run("sweep")

    assert await ends(resources, turn) is TurnState.COMPLETED


async def test_answer_goes_on_after_its_workflow_was_terminated(run: Run, resources: Resources) -> None:
    turn = await waiting(resources, "count 10000", age=YOUNG)
    chat, turns = workflow_id(resources, turn), resources.clients.database["turns"]
    await run("wake", CHAT_ID=turn.chat_id)

    async def is_said() -> bool:
        return "turns.say" in await run("describe", WORKFLOW_ID=chat)

    async def is_listed() -> bool:
        return chat in await run("running")

    async def is_taken_over() -> bool:
        return bool(await turns.count_documents({"_id": ObjectId(turn.turn_id), "writer": {"$gt": 1}}))

    async def has_more() -> bool:
        return len(await answer(resources, turn)) > said

    await eventually(is_said)
    await eventually(is_listed)
    assert "terminated" in (await run("terminate", WORKFLOW_ID=chat)).lower()
    await run("wake", CHAT_ID=turn.chat_id)
    await eventually(is_taken_over)
    said = len(await answer(resources, turn))
    await eventually(has_more)

    await resources.assistant.messages.stop(turn.user_id, turn.turn_id, datetime.now(UTC))
    assert await ends(resources, turn) is TurnState.STOPPED
    assert " ".join(map(str, range(1, 10_001))).startswith(await answer(resources, turn))
