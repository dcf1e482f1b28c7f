"""The journey from one app to another on the same device."""

from collections.abc import AsyncIterator

from tests.journeys.steps import Apps, Step, refused
from tests.support.mailbox import Mailbox


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member = await apps.register(mailbox)
    created = await member.app.sso.create_token(app="desk")
    yield Step("the first app asks for a token for the second")

    desk = await apps.on(member.person.fingerprint)
    session = await desk.sso.validate_token(sso_token=created.sso_token, app="desk")
    assert session.app == "desk"
    yield Step("the second app is signed in with it")

    with refused("SsoTokenInvalid"):
        await desk.sso.validate_token(sso_token=created.sso_token, app="desk")
    yield Step("the token works once")

    sessions = (await desk.sessions.list_active()).sessions
    assert sorted(session.app for session in sessions) == ["decode", "desk"]
    yield Step("both apps are in the list of sessions")
