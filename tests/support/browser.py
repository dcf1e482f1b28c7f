"""Pages in a real browser: headless Chromium, driven by Playwright. The example pages, and how they are operated."""

import functools
import http.server
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from playwright.async_api import Browser, Page, Route, async_playwright, expect

from devstack.chromium import chromium_path
from sdk.typescript_client import build
from tests.support.markdown_blocks import ROOT
from tests.support.people import SignedIn

PAGE = ROOT / "examples" / "browser"
CHAT_PAGE = ROOT / "examples" / "assistant"

expect.set_options(timeout=15_000)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Output is discarded."""


@contextmanager
def page_served(folder: Path = PAGE) -> Iterator[str]:
    """Serve the folder of a page, with the client built, at an origin of its own, as any web server does."""
    build()
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@asynccontextmanager
async def chromium(*arguments: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox", *arguments])
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def window(browser: Browser, origin: str, someone: SignedIn) -> AsyncIterator[Page]:
    """A browser of its own, on the user's trusted device, at the page. Fails if the page ever throws."""
    context = await browser.new_context()
    await context.add_init_script(f"localStorage.setItem('fingerprint', '{someone.person.fingerprint}')")
    page = await context.new_page()
    thrown: list[str] = []
    page.on("pageerror", lambda error: thrown.append(str(error)))
    await page.goto(origin)
    try:
        yield page
    finally:
        await context.close()
    assert thrown == []


async def route_once(page: Page, pattern: str, handle: Callable[[Route], Awaitable[None]]) -> None:
    """Let `handle` answer the first request to the pattern. The route stays: with Playwright's `times=1` the browser
    stops intercepting then, and may never send the request that comes at that moment (microsoft/playwright#41802).
    """
    handlers = iter([handle])
    await page.route(pattern, lambda route: next(handlers, Route.continue_)(route))


async def sign_in(page: Page, api: str, someone: SignedIn) -> None:
    """With the keyboard alone, by labels and roles."""
    await page.get_by_label("Address of the API").fill(api)
    await page.get_by_label("Username or e-mail address").fill(someone.person.username)
    await page.get_by_label("Password").fill(someone.person.password)
    await page.keyboard.press("Enter")
    await page.get_by_text("Live", exact=True).wait_for()


async def numbers(page: Page) -> list[int]:
    """Numbers of what the page shows, newest first."""
    rows = await page.locator("#list li").all()
    return [int(await row.get_attribute("data-seq") or 0) for row in rows]
