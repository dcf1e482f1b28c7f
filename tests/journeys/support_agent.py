"""The journey of a support agent who is given one right for a day, uses it by an API key and loses it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from decode_client import DecodeClient, DecodeError
from tests.journeys.entries import entries_of, only
from tests.journeys.steps import Apps, Step, refused
from tests.support.mailbox import Mailbox
from tests.support.polling import eventually

RIGHT = "audit:read"
GRANTS = ("grant.created", "grant.deleted")


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    admin, agent = await apps.register_admin(mailbox), await apps.register(mailbox)
    with refused("Forbidden"):
        await agent.app.audit.search()
    yield Step("a support agent may not read the journal")

    until = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    grant = await admin.app.grants.give(agent.user_id, permission=RIGHT, until=until, reason="on call")
    yield Step("an admin gives that right for a day, and says why")

    issued = await agent.app.api_keys.create(name="support", scopes=[RIGHT])
    program = await apps.with_key(issued.secret)
    await entries_of(lambda: program.audit.search(subject=admin.user_id), "user.created", "role.assigned")
    with refused("ScopeMissing"):
        await program.profiles.get_own()
    yield Step("an API key with this scope alone reads it, and no more")

    await admin.app.grants.take(agent.user_id, grant.id)
    refusal = await eventually(lambda: _refusal(program), within=1)
    assert (refusal.status, refusal.error) == (403, "Forbidden"), refusal
    yield Step("the admin takes the right; the key is refused at once")

    told = await entries_of(lambda: admin.app.audit.search(subject=agent.user_id), *GRANTS)
    given, taken = (only(told, type) for type in GRANTS)
    assert (given.data or {})["reason"] == "on call", given
    read = await entries_of(lambda: admin.app.audit.search(actor=agent.user_id, type="audit.read"), "audit.read")
    assert {entry.actor and entry.actor.key_id for entry in read} == {issued.key.id}, read
    yield Step("the journal tells the admin all of it, reason and key")

    own = await entries_of(agent.app.audit.search_own, *GRANTS, "api_key.created", "audit.read")
    assert {given.hash, read[0].hash, taken.hash} < {entry.hash for entry in own}, own
    yield Step("and tells the agent the same")


async def _refusal(program: DecodeClient) -> DecodeError | None:
    """The refusal of what the key has read before."""
    try:
        await program.audit.search()
    except DecodeError as refusal:
        return refusal
    return None
