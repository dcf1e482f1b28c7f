"""Sweep: starts the workflows of open intents; a repeat does no harm."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.assistant.turns import TurnPlan, TurnsInput
from activities.notifications.notifications import NotificationsInput
from activities.operations.sweep import OpenNotifications, OpenSyncs
from activities.users.graph_sync import GraphSyncInput
from activities.users.security_notices import NoticeInput
from domain.intents import IntentKind, Shard
from tests.support.polling import eventually
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_AWAY
from tests.workflows.time_skipping import Clock
from workflows.operations.sweep import Sweep
from workflows.queues import Queue
from workflows.users.graph_sync import graph_sync_workflow_id

SHARD = Shard(IntentKind.GRAPH_SYNC, 0)
ANN = GraphSyncInput(user_id="aa" * 12, user_key="anns-key")
BOB = GraphSyncInput(user_id="bb" * 12, user_key="bobs-key")
EVENT = NoticeInput(event_id="ee" * 12, event_key="an-events-key")
CHAT = TurnsInput(chat_id="cc" * 12, chat_key="a-chats-key")
TURN = TurnPlan(turn_id="1a" * 12, chat_id=CHAT.chat_id, attempt=1, models=["mock"])


async def start(client: Client, number: int = 1) -> WorkflowHandle[Sweep, int]:
    return await client.start_workflow(Sweep.run, id=f"sweep-{number}", task_queue=Queue.BULK)


async def projected(fakes: Fakes, times: int) -> list[str]:
    """Return the ids of the projected accounts; waits for so many projections."""

    async def so_often() -> list[str] | None:
        asked = fakes.graph_sync.projected.calls
        return asked if len(asked) >= times else None

    return await eventually(so_often)


async def test_nothing_open_is_nothing_done(client: Client, fakes: Fakes) -> None:
    run = await start(client)

    assert await run.result() == 0
    assert fakes.graph_sync.projected.calls == []


async def test_only_intents_that_have_waited_are_looked_for(client: Client, fakes: Fakes) -> None:
    await (await start(client)).result()

    (find,) = fakes.sweep.found_unsynced.calls
    assert find.before == find.now - timedelta(seconds=10)


async def test_shard_with_open_intents_is_woken(client: Client, fakes: Fakes) -> None:
    fakes.sweep.found_unsynced.returns_next(lambda _: OpenSyncs([SHARD], []))

    run = await start(client)

    assert await run.result() == 1
    assert await fakes.graph_sync.drained.wait_called(times=1) == [SHARD]
    assert (await client.get_workflow_handle(SHARD.workflow_id).describe()).status is WorkflowExecutionStatus.RUNNING


async def test_shard_that_runs_already_is_woken(client: Client, fakes: Fakes) -> None:
    fakes.sweep.found_unsynced.always_returns(lambda _: OpenSyncs([SHARD], []))
    await (await start(client, 1)).result()
    await fakes.graph_sync.drained.wait_called(times=1)

    await (await start(client, 2)).result()

    assert await fakes.graph_sync.drained.wait_called(times=2) == [SHARD, SHARD]


async def test_account_that_was_set_aside_is_kicked_under_its_id(client: Client, fakes: Fakes) -> None:
    fakes.sweep.found_unsynced.returns_next(lambda _: OpenSyncs([], [ANN, BOB]))

    run = await start(client)

    assert await run.result() == 2
    assert sorted(await projected(fakes, times=2)) == [ANN.user_id, BOB.user_id]
    entity = await client.get_workflow_handle(graph_sync_workflow_id(ANN.user_key)).describe()
    assert entity.status is WorkflowExecutionStatus.RUNNING


async def test_entity_that_runs_already_is_woken(client: Client, fakes: Fakes) -> None:
    fakes.sweep.found_unsynced.always_returns(lambda _: OpenSyncs([], [ANN]))
    await (await start(client, 1)).result()
    await projected(fakes, times=1)

    second = await (await start(client, 2)).result()

    assert second == 1
    assert await projected(fakes, times=2) == [ANN.user_id, ANN.user_id]


async def test_forgotten_notice_is_carried_out(client: Client, fakes: Fakes) -> None:
    fakes.sweep.found_notices.returns_next(lambda _: [EVENT])

    kicked = await (await start(client)).result()

    assert kicked == 1
    assert await fakes.notices.closed.wait_called(times=1) == [EVENT.event_id]


async def test_notice_that_is_under_way_is_left_alone(client: Client, fakes: Fakes) -> None:
    fakes.sweep.found_notices.always_returns(lambda _: [EVENT])
    fakes.notices.written.fail(MONGO_AWAY, times=1)
    fakes.notices.written.hang()
    await (await start(client, 1)).result()
    await fakes.notices.written.wait_called(times=2)

    await (await start(client, 2)).result()
    fakes.notices.written.resume()

    assert await fakes.notices.closed.wait_called(times=1) == [EVENT.event_id]
    assert len(fakes.notices.written.calls) == 2


async def test_user_whose_notifications_were_set_aside_is_woken(client: Client, fakes: Fakes) -> None:
    ann = NotificationsInput(user_id="aa" * 12, user_key="anns-key")
    fakes.sweep.events_found.returns_next(lambda _: OpenNotifications([], [ann]))

    kicked = await (await start(client)).result()

    assert kicked == 1
    assert await fakes.notifications.stored.wait_called(times=1) == [ann.user_id]


async def test_running_entity_is_woken(client: Client, fakes: Fakes) -> None:
    ann = NotificationsInput(user_id="aa" * 12, user_key="anns-key")
    fakes.sweep.events_found.always_returns(lambda _: OpenNotifications([], [ann]))
    await (await start(client, 1)).result()
    await fakes.notifications.stored.wait_called(times=1)

    second = await (await start(client, 2)).result()

    assert second == 1
    assert await fakes.notifications.stored.wait_called(times=2) == [ann.user_id] * 2


async def test_user_whose_follows_were_set_aside_is_woken(client: Client, fakes: Fakes) -> None:
    ann = NotificationsInput(user_id="aa" * 12, user_key="anns-key")
    fakes.sweep.follows_found.returns_next(lambda _: OpenNotifications([], [ann]))

    kicked = await (await start(client)).result()

    assert kicked == 1
    assert await fakes.notifications.stored_follows.wait_called(times=1) == [ann.user_id]


async def test_shards_with_pending_notifications_are_woken(client: Client, fakes: Fakes) -> None:
    of_events, of_follows = Shard(IntentKind.EVENT_NOTIFICATIONS, 0), Shard(IntentKind.FOLLOW_NOTIFICATIONS, 0)
    fakes.sweep.events_found.returns_next(lambda _: OpenNotifications([of_events], []))
    fakes.sweep.follows_found.returns_next(lambda _: OpenNotifications([of_follows], []))

    kicked = await (await start(client)).result()

    assert kicked == 2
    assert await fakes.notifications.drained_events.wait_called(times=1) == [of_events]
    assert await fakes.notifications.drained_follows.wait_called(times=1) == [of_follows]


async def test_journal_is_started_when_an_occurrence_has_waited(client: Client, fakes: Fakes) -> None:
    fakes.journal.numbered.hang()
    fakes.sweep.found_unnumbered.returns_next(lambda _: True)

    await (await start(client)).result()

    await fakes.journal.numbered.wait_called(times=1)


async def test_journal_that_runs_is_left_alone(client: Client, fakes: Fakes) -> None:
    fakes.journal.numbered.hang()
    fakes.sweep.found_unnumbered.always_returns(lambda _: True)
    await (await start(client, 1)).result()
    await fakes.journal.numbered.wait_called(times=1)

    await (await start(client, 2)).result()

    assert len(fakes.journal.numbered.calls) == 1


async def test_message_that_was_forgotten_is_answered(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(TURN)
    fakes.sweep.found_waiting_chats.returns_next(lambda _: [CHAT])

    kicked = await (await start(client)).result()

    assert kicked == 1
    assert [each.turn_id for each in await fakes.turns.finished.wait_called(times=1)] == [TURN.turn_id]


async def test_chat_in_which_a_message_is_answered_is_woken(client: Client, fakes: Fakes) -> None:
    fakes.turns.open(TURN)
    fakes.turns.said.hang()
    fakes.sweep.found_waiting_chats.always_returns(lambda _: [CHAT])
    await (await start(client, 1)).result()
    await fakes.turns.said.wait_called(times=1)

    second = await (await start(client, 2)).result()
    fakes.turns.said.resume()

    assert second == 1
    assert await fakes.turns.begun.wait_called(times=3) == [CHAT.chat_id] * 3
    assert len(fakes.turns.said.calls) == 1


async def test_words_of_chats_are_dropped_when_they_are_due(client: Client, fakes: Fakes) -> None:
    fakes.sweep.dropped_words.returns_next(lambda _: 7)

    kicked = await (await start(client)).result()

    (find,) = fakes.sweep.found_waiting_chats.calls
    assert fakes.sweep.dropped_words.calls == [find.now]
    assert kicked == 0


async def test_all_else_is_carried_out_while_the_graph_is_away(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.sweep.follows_found.always_fail(NEO4J_AWAY)
    fakes.sweep.found_notices.returns_next(lambda _: [EVENT])

    kicked = await clock.advance_until((await start(client)).result())

    assert kicked == 1
    assert len(fakes.sweep.dropped.calls) == 1


async def test_old_mail_contents_are_dropped(client: Client, fakes: Fakes) -> None:
    await (await start(client)).result()

    (before,) = fakes.sweep.dropped.calls
    (find,) = fakes.sweep.found_unsynced.calls
    assert before == find.now - timedelta(days=30)


async def test_sweep_goes_on_when_the_store_is_back(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.sweep.found_unsynced.fail(MONGO_AWAY, times=10)

    run = await start(client)

    assert await clock.advance_until(run.result(), step=timedelta(minutes=1)) == 0
    assert len(fakes.sweep.found_unsynced.calls) == 11
