"""The journey of a user who deactivates the account and reactivates it."""

from collections.abc import AsyncIterator

from decode_client.generated.answers import FlowState
from tests.journeys.steps import Apps, Step, refused
from tests.support.mailbox import Mailbox


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member = await apps.register(mailbox)
    app, person = member.app, member.person
    flow = await app.account.begin_export()
    yield Step("ask for everything that is held", flow.flow_id)

    left = await app.account.deactivate()
    letter = await mailbox.letter(person.email, "account-deactivated", within=60)
    assert f"{left.deletion_at:%d %B %Y}" in letter["text"]
    yield Step("leave; a mail says when everything will be erased")

    with refused("SessionRevoked"):
        await app.profiles.get_own()
    with refused("AccountDeactivated"):
        await app.auth.login(**person.credentials)
    yield Step("every session has ended, and no sign-in succeeds")

    with refused("InvalidCredentials"):
        await app.account.reactivate(email_or_username=person.username, password="not the one")
    yield Step("no other user brings the account back")

    back = await app.account.reactivate(email_or_username=person.username, password=person.password)
    assert back.reactivated
    assert (await app.flows.get(left.flow_id)).state == FlowState.CANCELLED
    yield Step("come back; nothing will be erased")

    await app.auth.login(**person.credentials)
    await app.profiles.get_own()
    yield Step("sign in on the device of before, as if nothing had been")
