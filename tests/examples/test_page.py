"""The example page in a real browser, operated as a user does: by labels, roles and keys."""

from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Route, expect

from adapters.resources import Resources
from config.settings import Settings
from tests.gateway.serving import free_port, served, serving
from tests.support.accounts import make_account
from tests.support.browser import chromium, numbers, page_served, route_once, sign_in, window
from tests.support.mailbox import Mailbox
from tests.support.notifications import store_and_push
from tests.support.people import SignedIn

ENDED = {"$set": {"is_active": False}}


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """An account with three notifications."""
    someone = await make_account(resources)
    await store_and_push(resources, someone.user["_id"], 3)
    return someone


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    with page_served() as origin:
        yield origin


@pytest.fixture
async def api(settings: Settings, origin: str) -> AsyncIterator[str]:
    """URL of an API whose CORS origins include the page."""
    async with serving(settings, cors_origins=(origin,)) as url:
        yield url


@pytest.fixture
async def page(browser: Browser, origin: str, someone: SignedIn) -> AsyncIterator[Page]:
    async with window(browser, origin, someone) as page:
        yield page


async def test_page_shows_stored_and_new_notifications(
    page: Page, api: str, resources: Resources, someone: SignedIn
) -> None:
    await sign_in(page, api, someone)
    # The sign-in adds a notification.
    await expect(page.locator("#list li")).to_have_count(4)

    await store_and_push(resources, someone.user["_id"])

    await expect(page.locator("#list li")).to_have_count(5)
    assert await numbers(page) == [5, 4, 3, 2, 1]
    await expect(page).to_have_title("(5) Notifications")


async def test_notifications_pushed_while_the_page_opens_are_counted_once(
    page: Page, api: str, resources: Resources, someone: SignedIn
) -> None:
    """One is pushed before the list is read, one between the list and the socket."""

    async def push_around_the_request(route: Route) -> None:
        await store_and_push(resources, someone.user["_id"])
        response = await route.fetch()
        await store_and_push(resources, someone.user["_id"])
        await route.fulfill(response=response)

    await route_once(page, "**/notifications?limit=50", push_around_the_request)

    await sign_in(page, api, someone)

    # Three stored before, these two, and the one of the sign-in.
    await expect(page.locator("#list li")).to_have_count(6)
    await expect(page.locator("output")).to_have_text("6")


async def test_notification_read_in_one_window_is_read_in_every_window(
    browser: Browser, page: Page, api: str, origin: str, someone: SignedIn
) -> None:
    await sign_in(page, api, someone)
    async with window(browser, origin, someone) as second:
        await sign_in(second, api, someone)
        # Each of the two sign-ins adds a notification.
        await expect(page.locator("output")).to_have_text("5")

        await second.get_by_role("button", name="Mark number 2,").press("Enter")

        for each in (page, second):
            await expect(each.locator("output")).to_have_text("4")
            await expect(each.locator("li.read")).to_have_attribute("data-seq", "2")
        await page.get_by_role("button", name="Mark all as read").press("Enter")
        for each in (page, second):
            await expect(each.locator("output")).to_have_text("0")
            await expect(each.locator("li:not(.read)")).to_have_count(0)


async def test_lost_connection_resumes_without_gap_or_repeat(
    browser: Browser, settings: Settings, resources: Resources, origin: str, someone: SignedIn
) -> None:
    port = free_port()
    allowed = settings.model_copy(update={"cors_origins": (origin,)})
    async with window(browser, origin, someone) as page:
        async with served(allowed, port=port) as api:
            await sign_in(page, api.url, someone)
            await expect(page.locator("#list li")).to_have_count(4)
        await expect(page.locator("#state")).to_have_text("Connection lost. Trying again…")
        await store_and_push(resources, someone.user["_id"], 2)
        async with served(allowed, port=port):
            await expect(page.locator("#state")).to_have_text("Live")
            await expect(page.locator("#list li")).to_have_count(6)

            assert await numbers(page) == [6, 5, 4, 3, 2, 1]
            await expect(page.locator("output")).to_have_text("6")


async def test_ended_session_shows_the_sign_in_form(
    page: Page, api: str, resources: Resources, someone: SignedIn
) -> None:
    await sign_in(page, api, someone)

    await resources.clients.database["sessions"].update_many({"username": someone.person.username}, ENDED)
    await resources.auth.session_invalidations.publish_account_changed(someone.user["_id"])

    await expect(page.locator("#state")).to_have_text("Your session has ended.")
    await expect(page.get_by_label("Password")).to_be_visible()


async def test_signing_out_ends_the_session(page: Page, api: str, resources: Resources, someone: SignedIn) -> None:
    await sign_in(page, api, someone)
    mine = {"username": someone.person.username, "is_active": True}
    before = await resources.clients.database["sessions"].count_documents(mine)

    await page.get_by_role("button", name="Sign out").press("Enter")

    await expect(page.locator("#state")).to_have_text("Signed out")
    assert await resources.clients.database["sessions"].count_documents(mine) == before - 1


async def test_expired_access_token_is_refreshed(page: Page, api: str, resources: Resources, someone: SignedIn) -> None:
    """As after 15 minutes: the access token is refused, and the page refreshes it."""
    await sign_in(page, api, someone)
    refused = {"success": False, "error": "NotAuthenticated", "message": "too old"}
    await route_once(page, "**/read-all", lambda route: route.fulfill(status=401, json=refused))
    await expect(page.locator("output")).to_have_text("4")

    async with page.expect_response("**/auth/session/refresh"):
        await page.get_by_role("button", name="Mark all as read").press("Enter")

    await expect(page.locator("output")).to_have_text("0")


async def test_wrong_password_shows_an_error_message(page: Page, api: str, someone: SignedIn) -> None:
    await page.get_by_label("Address of the API").fill(api)
    await page.get_by_label("Username or e-mail address").fill(someone.person.username)
    await page.get_by_label("Password").fill("not the password")
    await page.get_by_role("button", name="Sign in").press("Enter")

    await expect(page.get_by_role("alert")).to_have_text("These credentials are not right.")


async def test_new_device_is_proved_by_a_mailed_code(
    browser: Browser, api: str, origin: str, mailbox: Mailbox, resources: Resources
) -> None:
    someone = await make_account(resources)
    async with window(browser, origin, someone) as page:
        await page.evaluate("localStorage.setItem('fingerprint', '0'.repeat(64))")
        await page.get_by_label("Address of the API").fill(api)
        await page.get_by_label("Username or e-mail address").fill(someone.person.username)
        await page.get_by_label("Password").fill(someone.person.password)
        await page.keyboard.press("Enter")
        await page.get_by_label("Code from the mail").fill(
            await mailbox.code(someone.person.email, "fingerprint-verify")
        )
        await page.keyboard.press("Enter")

        await expect(page.locator("#state")).to_have_text("Live")


@pytest.mark.parametrize("colors", ["light", "dark"])
async def test_page_is_accessible_before_and_after_signing_in(
    page: Page, api: str, someone: SignedIn, colors: str
) -> None:
    """Checked with axe: names, roles, contrast."""
    await page.emulate_media(color_scheme="dark" if colors == "dark" else "light")
    before = await Axe().run(page)
    await sign_in(page, api, someone)
    after = await Axe().run(page)

    assert [each["id"] for found in (before, after) for each in found.response["violations"]] == []
