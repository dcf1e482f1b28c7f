"""The journey of one user: register, verify the address, be signed in, sign in again, sign out.

By our client and the mailbox only. The test suite runs it, and `make run` shows it.
"""

from collections.abc import AsyncIterator

from decode_client.generated.answers import Registered, SessionView
from tests.journeys.steps import Apps, Step, refused, waiting
from tests.support.mailbox import Mailbox
from tests.support.people import new_person


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    person = new_person()
    app = await apps.on(person.fingerprint)
    flow = waiting(await app.registration.begin(**person.application), "email_code")
    yield Step("ask for an account", flow.flow_id)

    code = await mailbox.code(person.email, "create-account")
    yield Step("the code is in the mailbox", flow.flow_id)

    registered = await app.registration.verify_email(flow_id=flow.flow_id, code=code, **person.device)
    assert isinstance(registered, Registered), registered
    yield Step("prove the address, be signed in", flow.flow_id)

    session = await app.auth.login(**person.credentials)
    assert isinstance(session, SessionView), session
    yield Step("sign in again on the trusted device")

    session = await app.sessions.refresh(session_token=str(session.session_token))
    yield Step("refresh the session")

    assert (await app.profiles.get_own()).username == person.username
    yield Step("read the own profile")

    await mailbox.letter(person.email, "welcome-message")
    yield Step("the welcome mail is in the mailbox", flow.flow_id)

    await app.sessions.logout(session_token=str(session.session_token))
    with refused("SessionRevoked"):
        await app.profiles.get_own()
    yield Step("sign out")
