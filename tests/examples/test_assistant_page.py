"""The example page of the assistant in a real browser, operated as a user does: by labels, roles and keys."""

from collections.abc import AsyncIterator, Iterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from adapters.resources import Resources
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.approvals import following
from tests.support.browser import CHAT_PAGE, chromium, page_served, sign_in, window
from tests.support.lossy_proxy import lossy_proxy
from tests.support.people import SignedIn

COUNTED = " ".join(map(str, range(1, 31)))
MARKUP = '<img src="https://elsewhere.example/x"> ![x](https://elsewhere.example/y) <script>alert(1)</script>'


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with page_served(CHAT_PAGE) as origin:
        yield origin


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
async def api(settings: Settings, origin: str) -> AsyncIterator[str]:
    """URL of an API whose CORS origins include the page."""
    async with serving(settings, cors_origins=(origin,)) as url:
        yield url


@pytest.fixture
async def page(browser: Browser, origin: str, someone: SignedIn) -> AsyncIterator[Page]:
    async with window(browser, origin, someone) as page:
        yield page


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Message", exact=True).fill(text)
    await page.keyboard.press("Enter")


async def shows_what_was_asked_and_done(page: Page, message: str) -> None:
    await expect(page.locator(".call .note")).to_have_text("Done.")
    await expect(page.locator(".user .said")).to_have_text([message])
    await expect(page.locator(".assistant .said")).to_contain_text('"success":true')
    await expect(page.locator("#state")).to_have_text("Live")


async def test_answer_is_shown_as_it_comes_and_logged_as_a_whole(page: Page, api: str, someone: SignedIn) -> None:
    await sign_in(page, api, someone)
    await say(page, "count 30")

    await expect(page.get_by_role("group", name="Answer as it comes")).to_contain_text("1 2")
    await expect(page.get_by_role("log").locator(".assistant")).to_have_count(0)
    await expect(page.get_by_role("log").locator(".said")).to_have_text(["count 30", COUNTED])
    await expect(page.get_by_role("log").locator(".note")).to_have_text(["", ""])
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await expect(page.get_by_role("group", name="Answer as it comes")).to_be_hidden()


async def test_markup_in_an_answer_is_text_and_asks_nothing_of_other_places(
    page: Page, api: str, someone: SignedIn
) -> None:
    asked: list[str] = []
    page.context.on("request", lambda request: asked.append(request.url))
    await sign_in(page, api, someone)
    await say(page, f"say {MARKUP}")

    await expect(page.locator(".assistant .said")).to_have_text(MARKUP)
    await page.reload()
    await sign_in(page, api, someone)
    await expect(page.locator(".assistant .said")).to_have_text(MARKUP)
    assert await page.locator("img, #list script").count() == 0
    assert [url for url in asked if not url.startswith("http://127.0.0.1:")] == []


async def test_policy_of_the_page_refuses_what_its_code_never_asks_for(page: Page) -> None:
    refused = await page.evaluate(
        """() => new Promise((resolve) => {
            addEventListener("securitypolicyviolation", (refused) => resolve(refused.blockedURI));
            document.body.append(Object.assign(new Image(), { src: "https://elsewhere.example/z" }));
        })"""
    )

    assert refused == "https://elsewhere.example/z"


async def test_answer_is_stopped_by_keyboard_and_given_again(page: Page, api: str, someone: SignedIn) -> None:
    await sign_in(page, api, someone)
    await say(page, "count 30")
    await expect(page.get_by_role("group", name="Answer as it comes")).to_contain_text("1 2")

    await page.get_by_role("button", name="Stop the answer").press("Enter")

    await expect(page.locator(".assistant .note")).to_have_text("Stopped.")
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    await page.get_by_role("button", name="Answer again").press("Enter")
    await expect(page.locator(".assistant .said").last).to_have_text(COUNTED)


async def test_what_one_page_asks_for_is_approved_on_another_and_shown_on_both(
    page: Page, origin: str, api: str, resources: Resources, someone: SignedIn
) -> None:
    other, second = await make_account(resources), await page.context.new_page()
    await second.goto(origin)
    await sign_in(page, api, someone)
    await sign_in(second, api, someone)
    here, there = (
        each.get_by_role("group", name=f"Follow @{other.person.username}.", exact=True) for each in (page, second)
    )

    await say(page, following(other))
    await expect(here.get_by_role("button")).to_have_text(["Yes, this time", "Yes, in this chat", "No"])
    await expect(page.locator(".arguments")).to_have_text(f'{{"username":"{other.person.username}"}}')
    found = await Axe().run(page)
    await here.get_by_role("button", name="No").focus()
    await there.get_by_role("button", name="Yes, this time").press("Enter")

    await shows_what_was_asked_and_done(page, following(other))
    await shows_what_was_asked_and_done(second, following(other))
    await expect(here).to_have_count(0)
    await expect(page.get_by_label("Message", exact=True)).to_be_focused()
    assert [each["id"] for each in found.response["violations"]] == []


async def test_lost_connection_loses_no_word(page: Page, api: str, someone: SignedIn) -> None:
    async with lossy_proxy(api) as network:
        await sign_in(page, network.url, someone)
        await say(page, "count 30")
        await expect(page.get_by_role("group", name="Answer as it comes")).to_contain_text("1 2")

        network.cut()

        await expect(page.locator("#state")).to_have_text("Connection lost. Trying again…")
        await expect(page.locator(".assistant .said")).to_have_text(COUNTED)
        await expect(page.locator("#state")).to_have_text("Live")


async def test_ended_session_shows_the_sign_in_form(
    page: Page, api: str, resources: Resources, someone: SignedIn
) -> None:
    await sign_in(page, api, someone)

    ended = {"$set": {"is_active": False}}
    await resources.clients.database["sessions"].update_many({"username": someone.person.username}, ended)
    await resources.auth.session_invalidations.publish_account_changed(someone.user["_id"])

    await expect(page.locator("#state")).to_have_text("Your session has ended.")
    await expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("colors", ["light", "dark"])
async def test_page_is_accessible_before_amid_and_after_an_answer(
    page: Page, api: str, someone: SignedIn, colors: str
) -> None:
    """Checked with axe: names, roles, contrast."""
    await page.emulate_media(color_scheme="dark" if colors == "dark" else "light", reduced_motion="reduce")
    found = [await Axe().run(page)]
    await sign_in(page, api, someone)
    await say(page, "count 300")
    await expect(page.get_by_role("group", name="Answer as it comes")).to_contain_text("1 2")
    moving = await page.evaluate("document.getAnimations().length")
    found.append(await Axe().run(page))
    await page.keyboard.press("Escape")
    await expect(page.locator(".assistant .note")).to_have_text("Stopped.")
    found.append(await Axe().run(page))

    assert [each["id"] for one in found for each in one.response["violations"]] == []
    assert moving == 0
