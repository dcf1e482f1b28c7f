"""The journey of a user who has forgotten the password."""

from collections.abc import AsyncIterator

from tests.journeys.steps import Apps, Step, refused, waiting
from tests.support.mailbox import Mailbox

NEW = "another long enough phrase"


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member = await apps.register(mailbox)
    app, person = member.app, member.person
    flow_id = (await app.passwords.begin_reset(email_or_username=person.username)).flow_id
    yield Step("say that the password is forgotten", flow_id)

    code = await mailbox.code(person.email, "forgot-password-verify")
    waiting(await app.passwords.verify_reset_code(flow_id=flow_id, code=code), "new_password")
    yield Step("prove the address", flow_id)

    with refused("WeakPassword"):
        await app.passwords.reset(flow_id=flow_id, code=code, new_password="password")
    yield Step("a weak password is refused, the code stays good", flow_id)

    assert await app.passwords.reset(flow_id=flow_id, code=code, new_password=NEW) is None
    await mailbox.letter(person.email, "password-changed")
    yield Step("choose a new password; the owner is told", flow_id)

    with refused("SessionRevoked"):
        await app.profiles.get_own()
    yield Step("every session has ended")

    await app.auth.login(**{**person.credentials, "password": NEW})
    yield Step("sign in with the new password")
