"""Two browsers and a Python client on two processes, through an outage of Redis and a killed gateway: all of them show
the same numbers, none missing, none twice.
"""

from datetime import UTC, datetime

from playwright.async_api import Page, expect

from adapters.resources import Resources
from devstack.stack import Stack
from tests.faults.outages import away
from tests.gateway.process import ApiProcess, processes
from tests.support.browser import chromium, numbers, page_served, sign_in, window
from tests.support.notification_client import reading_notifications
from tests.support.notifications import new_notifications, store_and_push
from tests.support.people import SignedIn
from tests.support.polling import eventually

AT_FIRST = 3
"""Return the user's notifications once both browsers have signed in, and one more."""


async def stored_without_a_word(resources: Resources, someone: SignedIn, number: int) -> int:
    """As the entity does while Redis is away: the gateways are left to find it."""
    return (
        await resources.notifications.notifications.write(
            someone.user["_id"], new_notifications(number), datetime.now(UTC)
        )
    ).last_seq


async def shows(page: Page, last: int) -> None:
    """Return once the page shows every number up to this one, once."""
    await expect(page.locator("#list li")).to_have_count(last, timeout=60_000)
    assert await numbers(page) == list(range(last, 0, -1))


async def test_browsers_and_reader_see_the_same(stack: Stack, resources: Resources, someone: SignedIn) -> None:
    with page_served() as origin:
        async with (
            processes(stack, 2, DECODE_CORS_ORIGINS=origin, DECODE_RATE_LIMITS="off") as (here, there),
            chromium() as browser,
            window(browser, origin, someone) as first,
            window(browser, origin, someone) as second,
            reading_notifications(someone, there.url) as reader,
        ):
            await sign_in(first, here.url, someone)
            await sign_in(second, there.url, someone)
            await tell_and_see(resources, someone, (first, second))
            async with away(stack, "redis"):
                last = await stored_without_a_word(resources, someone, 5)
                for page in (first, second):
                    await shows(page, last)
            last = await kill_and_come_back(here, first, resources, someone)

            for page in (first, second):
                await shows(page, last)
            await reader.has_seen(range(1, last + 1))


async def tell_and_see(resources: Resources, someone: SignedIn, pages: tuple[Page, Page]) -> None:
    async def both_told() -> bool:
        return (await resources.notifications.inboxes.find_last_seqs([someone.user["_id"]])).get(
            someone.user["_id"], 0
        ) == AT_FIRST - 1

    await eventually(both_told)
    await store_and_push(resources, someone.user["_id"])
    for page in pages:
        await shows(page, AT_FIRST)


async def kill_and_come_back(api: ApiProcess, page: Page, resources: Resources, someone: SignedIn) -> int:
    """Return the newest number sent to the user meanwhile."""
    await resources.clients.redis.connection_pool.disconnect()
    await api.kill()
    await expect(page.locator("#state")).to_have_text("Connection lost. Trying again…")
    last = await store_and_push(resources, someone.user["_id"], 70)
    await api.start()
    return last
