"""The commands of the runbooks, run as written, against flows that really are stuck."""

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from adapters.resources import Resources
from api.flows.client import FlowClient
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.mailbox import Mailbox
from tests.support.markdown_blocks import bash_blocks, run_bash
from tests.support.people import Person, begin, new_person, register
from tests.support.polling import eventually

PAGE = bash_blocks("runbooks/stuck-flow.md") | bash_blocks("runbooks/mail-not-arriving.md")
ADMINS = bash_blocks("runbooks/make-an-admin.md")

Run = Callable[..., Awaitable[str]]


@pytest.fixture
def run(stack: Stack) -> Run:
    """Runs one block of the page after its set-up, with the variables that the page speaks of."""

    async def run(name: str, **variables: str) -> str:
        return await run_bash(PAGE["set-up"] + PAGE[name], {"DECODE_RUN": str(stack.folder.root), **variables})

    return run


@pytest.fixture
async def refused(mailbox: Mailbox) -> AsyncIterator[Person]:
    """A user to whom the mail server delivers nothing for now."""
    person = new_person()
    await mailbox.break_with("reject_4xx", to=person.email)
    yield person
    await mailbox.break_with("none")


def workflow_id(flow_id: str, resources: Resources) -> str:
    return FlowClient(resources.temporal, resources.hashes).workflow_id(flow_id)


async def test_blocked_mail_is_found_looked_at_and_sent(
    run: Run, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, refused: Person
) -> None:
    registration = workflow_id((await begin(api, refused))["flow_id"], resources)
    mail = f"mail/{registration.replace('/', '.')}.code-1"

    async def is_listed() -> bool:
        return mail in await run("list-blocked")

    async def is_healed() -> bool:
        return not await is_listed()

    await eventually(is_listed, within=60)
    described = await run("describe", WORKFLOW_ID=mail)
    assert "mail.send" in described
    assert "SMTPRecipientRefused" in described
    assert "ActivityTaskFailed" in await run("show", WORKFLOW_ID=mail)
    assert "create-account" not in described
    assert refused.email in await run("open", WORKFLOW_ID=mail)
    assert registration in await run("find-person", EMAIL=refused.email.upper())

    await run("try-now", WORKFLOW_ID=mail, ACTIVITY_ID="3")
    await mailbox.break_with("none")

    await mailbox.letter(refused.email, "create-account", within=30)
    await eventually(is_healed)
    assert "code-1 accepted" in await run("records", WORKFLOW_ID=registration)


@pytest.mark.parametrize("reset", ["reset-first", "reset-last"])
async def test_reset_registration_ends_as_before_and_mails_nothing_twice(
    run: Run, api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, reset: str
) -> None:
    someone = await register(api, mailbox)
    await mailbox.letter(someone.person.email, "welcome-message")
    registration = workflow_id(someone.flow_id, resources)
    flow = resources.temporal.get_workflow_handle(registration)
    before = await flow.result()

    said = await run(reset, WORKFLOW_ID=registration)

    assert f"Resetting workflow {registration}" in said
    assert await flow.result() == before
    assert len(await mailbox.letters(someone.person.email, "create-account")) == 1
    assert len(await mailbox.letters(someone.person.email, "welcome-message")) == 1


async def test_terminated_registration_shows_itself_as_failed(
    run: Run, api: httpx.AsyncClient, resources: Resources
) -> None:
    flow = await begin(api, new_person())

    await run("terminate", WORKFLOW_ID=workflow_id(flow["flow_id"], resources))

    seen = (await api.get(f"/flows/{flow['flow_id']}")).json()
    assert seen["data"]["state"] == "failed"


async def test_user_becomes_an_admin_by_the_steps_of_the_page(stack: Stack, resources: Resources) -> None:
    someone = await make_account(resources)
    where = {"DECODE_RUN": str(stack.folder.root)}

    said = await run_bash(ADMINS["make-admin"], {"NAME": someone.person.username.upper(), **where})
    output = await run_bash(ADMINS["admins"], where)

    assert said == f"{someone.person.username} is an admin.\n"
    assert f"{someone.person.username} active" in output
    assert "{'by': 'command', 'from': 'user', 'to': 'admin'}" in output
