"""Notifications: one entity per user stores pending notifications, pushes them, and ends when idle."""

from datetime import timedelta

from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle

from activities.notifications.notifications import NotificationsInput, PushNotifications, StoredNotifications
from tests.support.polling import eventually
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY, NEO4J_AWAY, REDIS_AWAY
from tests.workflows.time_skipping import Clock
from workflows.notifications.notifications import (
    FOLLOWS_TIMEOUT,
    IDLE_TIMEOUT,
    PUSH_TIMEOUT,
    Notifications,
    notifications_workflow_id,
)
from workflows.queues import Queue
from workflows.search_attributes import BLOCKED_ON

ORDER = NotificationsInput("5f" * 12, "a-users-key")
LONG_ENOUGH = IDLE_TIMEOUT + timedelta(seconds=5)

NotificationsRun = WorkflowHandle[Notifications, None]


async def start(client: Client, word: str = "woken") -> NotificationsRun:
    """Signal the entity as the product does, with the kind of intent."""
    workflow_id = notifications_workflow_id(ORDER.user_key)
    return await client.start_workflow(
        Notifications.run, ORDER, id=workflow_id, task_queue=Queue.NOTIFY, start_signal=word
    )


async def patience(run: NotificationsRun, activity: str) -> list[timedelta]:
    """How long the run had the server try this activity, each time that it asked for it."""
    events = (await run.fetch_history()).events
    scheduled = [each.activity_task_scheduled_event_attributes for each in events]
    asked = [each for each in scheduled if each.activity_type.name == activity]
    assert asked
    return [each.schedule_to_close_timeout.ToTimedelta() for each in asked]


def stored(last_seq: int, *, is_full: bool = False) -> StoredNotifications:
    return StoredNotifications(last_seq, is_full)


def push(last_seq: int) -> PushNotifications:
    return PushNotifications(ORDER.user_id, last_seq)


async def test_pending_notifications_are_stored_and_pushed(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.notifications.has_pending(stored(3))
    run = await start(client)

    await clock.advance(LONG_ENOUGH)

    await run.result()
    assert fakes.notifications.stored.calls == [ORDER.user_id]
    assert fakes.notifications.pushed.calls == [push(3)]


async def test_notification_is_stored_before_the_edge_is_closed(client: Client, fakes: Fakes) -> None:
    fakes.notifications.stored_follows.returns_next(lambda _: stored(1))
    fakes.notifications.closed_follows.hang()

    await start(client, "followed")

    await pushed_last(fakes, 1)
    fakes.notifications.closed_follows.resume()
    await fakes.notifications.closed_follows.wait_called(times=1)
    assert fakes.notifications.stored.calls == []


async def test_full_batch_of_followers_is_closed_before_the_next(client: Client, fakes: Fakes) -> None:
    fakes.notifications.stored_follows.returns_next(lambda _: stored(100, is_full=True), lambda _: stored(130))

    await start(client, "followed")

    await fakes.notifications.closed_follows.wait_called(times=2)
    await pushed_last(fakes, 130)


async def test_start_without_a_signal_looks_for_all_intents(client: Client, fakes: Fakes) -> None:
    workflow_id = notifications_workflow_id(ORDER.user_key)
    await client.start_workflow(Notifications.run, ORDER, id=workflow_id, task_queue=Queue.NOTIFY)

    await fakes.notifications.stored.wait_called(times=1)
    await fakes.notifications.closed_follows.wait_called(times=1)


async def test_graph_that_is_away_holds_up_no_event_for_long(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.notifications.stored_follows.always_fail(NEO4J_AWAY)
    run = await start(client, "followed")
    await fakes.notifications.stored_follows.wait_called(times=1)
    fakes.notifications.has_pending(stored(1))

    await run.signal(Notifications.events_pending)

    await clock.advance_until(pushed_last(fakes, 1))
    assert all(timedelta() < each <= FOLLOWS_TIMEOUT for each in await patience(run, "notifications.store_follows"))


async def test_what_was_pushed_while_it_was_stored_is_not_pushed_again(
    client: Client, clock: Clock, fakes: Fakes
) -> None:
    fakes.notifications.has_pending(StoredNotifications(3, is_full=False, is_pushed=True))
    run = await start(client)

    await clock.advance(LONG_ENOUGH)

    await run.result()
    assert fakes.notifications.pushed.calls == []


async def test_nothing_new_is_nothing_pushed(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)

    await clock.advance(LONG_ENOUGH)

    await run.result()
    assert fakes.notifications.pushed.calls == []


async def test_full_batch_is_followed_by_the_next(client: Client, fakes: Fakes) -> None:
    fakes.notifications.has_pending(stored(100, is_full=True))
    fakes.notifications.has_pending(stored(107))

    await start(client)

    await fakes.notifications.stored.wait_called(times=2)
    await pushed_last(fakes, 107)


async def test_entity_ends_after_a_quiet_minute(client: Client, clock: Clock, fakes: Fakes) -> None:
    run = await start(client)
    await fakes.notifications.stored.wait_called(times=1)

    await clock.advance(IDLE_TIMEOUT - timedelta(seconds=5))
    still_there = (await run.describe()).status
    await clock.advance(timedelta(seconds=10))

    assert still_there is WorkflowExecutionStatus.RUNNING
    assert (await run.describe()).status is WorkflowExecutionStatus.COMPLETED


async def test_wake_up_looks_again(client: Client, fakes: Fakes) -> None:
    run = await start(client)
    await fakes.notifications.stored.wait_called(times=1)
    fakes.notifications.has_pending(stored(1))

    await run.signal(Notifications.events_pending)

    await pushed_last(fakes, 1)


async def test_wake_ups_while_it_stores_are_one_more_look(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.notifications.stored.hang()
    run = await start(client)
    await fakes.notifications.stored.wait_called(times=1)

    for _ in range(20):
        await run.signal(Notifications.events_pending)
    fakes.notifications.stored.resume()

    await fakes.notifications.stored.wait_called(times=2)
    await clock.advance(LONG_ENOUGH)
    await run.result()
    assert len(fakes.notifications.stored.calls) == 2


async def test_storing_goes_on_while_redis_is_away(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.notifications.pushed.always_fail(REDIS_AWAY)
    fakes.notifications.has_pending(stored(1))
    run = await start(client)
    await fakes.notifications.pushed.wait_called(times=1)
    fakes.notifications.has_pending(stored(2))

    await run.signal(Notifications.events_pending)

    await fakes.notifications.stored.wait_called(times=2)
    fakes.notifications.pushed.recover()
    await clock.advance_until(pushed_last(fakes, 2))


async def test_push_is_left_to_the_gateways_after_a_minute(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.notifications.pushed.always_fail(REDIS_AWAY)
    fakes.notifications.has_pending(stored(1))
    run = await start(client)

    await clock.advance_until(run.result())

    assert all(timedelta() < each <= PUSH_TIMEOUT for each in await patience(run, "notifications.push"))
    assert len(fakes.notifications.pushed.calls) > 5


async def test_store_that_is_away_shows_and_nothing_is_lost(client: Client, clock: Clock, fakes: Fakes) -> None:
    fakes.notifications.stored.fail(MONGO_AWAY, times=12)
    fakes.notifications.has_pending(stored(1))
    run = await start(client)

    await clock.advance(timedelta(seconds=4))
    during = (await run.describe()).typed_search_attributes.get(BLOCKED_ON)
    await clock.advance_until(pushed_last(fakes, 1))

    assert during == "mongo"


async def pushed_last(fakes: Fakes, last_seq: int) -> None:
    """Return once this number has been pushed to the gateways."""

    async def is_told() -> bool:
        return fakes.notifications.pushed.calls[-1:] == [push(last_seq)]

    await eventually(is_told)
