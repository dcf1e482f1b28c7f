"""The commands of docs/going-live.md, run as written on the dev stack, which is no production, and what they print."""

import re
import secrets

import httpx

from adapters.resources import Resources
from api.flows.client import FlowClient
from config.settings import Settings
from devstack.stack import Stack
from tests.conftest import PAUSED_SCHEDULES
from tests.gateway.serving import serving
from tests.house.source import FLOORS, ROOT, files
from tests.support.accounts import make_account
from tests.support.chats import answered, new_chat
from tests.support.markdown_blocks import bash_blocks, named_blocks, run_bash
from tests.support.people import begin, new_person
from tests.support.rights import make_admin

PAGE = "docs/going-live.md"
COMMANDS = bash_blocks(PAGE)
PRINTED = {block.name: block.text for block in named_blocks(PAGE) if block.language == "text"}
NAMES_IN_TABLE = re.compile(r"log `([^`]+)`|, `([^`]+)`|`(decode_\w+)`")


async def run(stack: Stack, *blocks: str, **variables: str) -> str:
    """Run blocks after the set-up of the page."""
    script = "".join(COMMANDS[name] for name in ("set-up", *blocks))
    return await run_bash(script, {"DECODE_RUN": str(stack.folder.root), **variables})


async def test_settings_of_development_are_refused_as_a_production(stack: Stack) -> None:
    assert await run(stack, "refused") == PRINTED["refused"]


async def test_edge_answers_its_own_origin_alone_and_shows_its_limit(settings: Settings) -> None:
    at_the_edge = {"cors_origins": ("https://decode.example",), "docs": False, "rate_limits": "on"}
    async with serving(settings, **at_the_edge) as url:
        said = await run_bash(COMMANDS["edge"], {"API": url})

    assert said.splitlines() == PRINTED["edge"].splitlines()


async def test_stores_are_looked_into_for_passwords_indexes_and_words(
    stack: Stack, api: httpx.AsyncClient, resources: Resources
) -> None:
    someone, word = await make_account(resources), f"word{secrets.token_hex(8)}"
    await answered(api, someone, await new_chat(api, someone, metadata={"note": word}), f"say {word}")

    assert await run(stack, "stores", WORD=word) == PRINTED["stores"]


async def test_temporal_has_its_schedules_and_shows_no_address(
    stack: Stack, api: httpx.AsyncClient, resources: Resources
) -> None:
    person = new_person()
    flow_id = (await begin(api, person))["flow_id"]
    workflow_id = FlowClient(resources.temporal, resources.hashes).workflow_id(flow_id)

    said = await run(stack, "temporal", WORKFLOW_ID=workflow_id, EMAIL=person.email)

    retention, running, paused, address = said.splitlines()
    assert retention == PRINTED["temporal"].splitlines()[0]
    assert {*running.split()[1:], *paused.split()[1:]} == {*PRINTED["temporal"].splitlines()[1].split()[1:]}
    assert paused.split()[1:] == sorted(PAUSED_SCHEDULES)
    assert re.search(r"in clear: 0, opened: [1-9]", address)


async def test_health_is_told_in_full_to_admins_alone(stack: Stack, resources: Resources) -> None:
    admin, other = await make_admin(resources), await make_account(resources)
    said = [await run(stack, "health", TOKEN=each.session["access_token"]) for each in (admin, other)]

    assert [lines.splitlines()[-1] for lines in said] == ['"status":"healthy"', '"error":"Forbidden"']


def test_alarms_are_of_lines_and_gauges_that_there_are() -> None:
    table = (ROOT / PAGE).read_text(encoding="utf-8").partition("## 6. Alarms")[2]
    named = [name for found in NAMES_IN_TABLE.findall(table) for name in found if name]
    code = "".join((ROOT / path).read_text(encoding="utf-8") for path in files(*FLOORS))

    assert [name for name in named if f'"{name}"' not in code] == []
