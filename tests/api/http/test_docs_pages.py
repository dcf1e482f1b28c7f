"""The pages of the documentation need no other origin: over HTTP, and in a browser that reaches none."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from adapters.resources import Resources
from config.settings import Settings
from tests.gateway.serving import serving
from tests.support.accounts import make_account
from tests.support.asyncapi import PATH as ASYNCAPI
from tests.support.browser import chromium
from tests.support.clients import client_of

PAGES = ("/docs", "/asyncapi")
DOCUMENTS = ("/openapi.json", "/asyncapi.yaml")
FOREVER = "public, max-age=31536000, immutable"
# Swagger UI treats an API at 127.0.0.1 or localhost differently: elsewhere it may ask a validator on the internet.
HOST = "decode.test"


@dataclass
class Visit:
    """A page in the browser, the hosts that it asked, and what the browser complained about."""

    page: Page
    origin: str
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).hostname or ""))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium(f"--host-resolver-rules=MAP {HOST} 127.0.0.1, MAP * ~NOTFOUND") as browser:
        yield browser


@pytest.fixture
async def visit(browser: Browser, api: httpx.AsyncClient) -> AsyncIterator[Visit]:
    context = await browser.new_context()
    visit = Visit(await context.new_page(), f"http://{HOST}:{api.base_url.port}")
    visit.watch()
    yield visit
    await context.close()


async def loaded_by(api: httpx.AsyncClient, path: str) -> dict[str, httpx.Response]:
    """What the markup of a page refers to, by file name."""
    page = await api.get(path)
    urls = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    return {url.rpartition("/")[2]: await api.get(url) for url in urls}


@pytest.mark.parametrize("path", PAGES)
async def test_page_allows_its_own_origin_alone(api: httpx.AsyncClient, path: str) -> None:
    page = await api.get(path)

    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "//" not in policy


async def test_assets_have_their_types(api: httpx.AsyncClient) -> None:
    loaded = await loaded_by(api, "/docs") | await loaded_by(api, "/asyncapi")

    assert {name: response.headers["content-type"] for name, response in loaded.items()} == {
        "swagger-ui.css": "text/css; charset=utf-8",
        "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
        "favicon-32x32.png": "image/png",
        "asyncapi-viewer.js": "text/javascript; charset=utf-8",
        "asyncapi.yaml": "application/yaml",
    }


async def test_browser_keeps_scripts_but_neither_pages_nor_documents(api: httpx.AsyncClient) -> None:
    loaded = await loaded_by(api, "/docs") | await loaded_by(api, "/asyncapi")
    renewed = [await api.get(path) for path in (*PAGES, *DOCUMENTS)]

    kept = {name for name, response in loaded.items() if response.headers["cache-control"] == FOREVER}
    assert kept == loaded.keys() - {"asyncapi.yaml"}
    assert {response.headers["cache-control"] for response in renewed} == {"no-store"}


async def test_asyncapi_document_is_served_as_committed(api: httpx.AsyncClient) -> None:
    response = await api.get("/asyncapi.yaml")

    assert response.content == ASYNCAPI.read_bytes()


async def test_pages_are_no_part_of_the_contract(api: httpx.AsyncClient) -> None:
    paths = (await api.get("/openapi.json")).json()["paths"]

    assert [path for path in paths if path.startswith(PAGES)] == []


async def test_switched_off_documentation_is_not_found(api: httpx.AsyncClient, settings: Settings) -> None:
    assets = [str(each.url.path) for path in PAGES for each in (await loaded_by(api, path)).values()]
    async with serving(settings, docs=False) as url, client_of(url) as closed:
        answers = [await closed.get(path) for path in (*PAGES, *DOCUMENTS, *assets)]

    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(404, "NotFound")}


@pytest.mark.parametrize(("path", "shown"), [("/docs", "/auth/login"), ("/asyncapi", "mark_notification_read")])
async def test_page_shows_its_document_without_another_origin(visit: Visit, path: str, shown: str) -> None:
    await visit.page.goto(visit.origin + path)
    await expect(visit.page.get_by_text(shown, exact=True).first).to_be_visible()
    await visit.page.wait_for_load_state("networkidle")

    assert visit.hosts == {HOST}
    assert visit.complaints == []


async def test_request_tried_out_with_a_bearer_token_is_answered(visit: Visit, resources: Resources) -> None:
    someone = await make_account(resources)
    await visit.page.goto(f"{visit.origin}/docs#/auth/auth.getCurrentUser")
    await visit.page.get_by_role("button", name="Authorize").click()
    scheme = visit.page.locator(".auth-container").filter(has_text="HTTPBearer")
    await scheme.get_by_label("Value").fill(someone.session["access_token"])
    await scheme.get_by_role("button", name="Apply credentials").click()
    await scheme.get_by_role("button", name="Close").click()

    await visit.page.get_by_role("button", name="Try it out").click()
    await visit.page.get_by_role("button", name="Execute").click()

    await expect(visit.page.locator(".live-responses-table")).to_contain_text(someone.person.username)
    assert visit.complaints == []


async def test_link_to_an_operation_opens_it(visit: Visit) -> None:
    await visit.page.goto(f"{visit.origin}/docs")
    await visit.page.get_by_text("/auth/login", exact=True).click()
    await expect(visit.page).to_have_url(re.compile("#/."))

    await visit.page.reload()

    await expect(visit.page.get_by_role("button", name="Try it out")).to_be_in_viewport()


async def test_link_to_a_part_of_the_socket_opens_it(visit: Visit) -> None:
    await visit.page.goto(f"{visit.origin}/asyncapi")
    await visit.page.get_by_role("link", name="Schemas").click()
    await expect(visit.page).to_have_url(re.compile("#."))

    await visit.page.reload()

    await expect(visit.page.get_by_role("heading", name="Schemas")).to_be_in_viewport()
