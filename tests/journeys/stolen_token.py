"""The journey of a session token that was copied."""

from collections.abc import AsyncIterator

from tests.journeys.steps import Apps, Step, refused
from tests.support.mailbox import Mailbox


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member = await apps.register(mailbox)
    app, person, copied = member.app, member.person, str(member.session.session_token)
    first = await app.sessions.refresh(session_token=copied)
    await app.sessions.refresh(session_token=str(first.session_token))
    yield Step("the owner goes on refreshing")

    thief = await apps.on(person.fingerprint)
    with refused("SessionReused"):
        await thief.sessions.refresh(session_token=copied)
    yield Step("the thief comes with the copied token")

    with refused("SessionRevoked"):
        await app.profiles.get_own()
    await mailbox.letter(person.email, "session-reuse-warning")
    yield Step("the session has ended for both; the owner is told")

    await app.auth.login(**person.credentials)
    events = (await app.security_events.list()).events
    assert "session_reused" in [event.kind for event in events]
    yield Step("the owner signs in and finds it in the list of events")
