"""The client in a real browser, where several tabs share one session."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import BrowserContext, Page

from adapters.resources import Resources
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.browser import chromium, page_served

LOAD = """async ([baseUrl, session]) => {
    const { DecodeClient, BrowserStore } = await import("./sdk/decode.js");
    const store = new BrowserStore();
    if (session) await store.write({ ...session, access_token: "expired" });
    window.decode = new DecodeClient({ baseUrl, store });
}"""
ASK = "async () => (await decode.profiles.getOwn()).username"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with page_served() as origin:
        yield origin


@pytest.fixture
async def context() -> AsyncIterator[BrowserContext]:
    async with chromium() as browser:
        yield await browser.new_context()


@pytest.fixture
async def api(settings: Settings, origin: str) -> AsyncIterator[str]:
    async with serving(settings, cors_origins=(origin,)) as url:
        yield url


async def tab(context: BrowserContext, origin: str, api: str, session: object = None) -> Page:
    page = await context.new_page()
    await page.goto(origin)
    await page.evaluate(LOAD, [api, session])
    return page


async def test_tabs_with_an_expired_access_token_refresh_once(
    context: BrowserContext, origin: str, api: str, resources: Resources
) -> None:
    account = await make_account(resources)
    tabs = [await tab(context, origin, api, account.session), await tab(context, origin, api)]
    refreshes: list[str] = []
    context.on("request", lambda asked: refreshes.append(asked.method) if "/session/refresh" in asked.url else None)

    names = await asyncio.gather(*(each.evaluate(ASK) for each in tabs))

    assert names == [account.person.username] * 2
    assert refreshes.count("POST") == 1
