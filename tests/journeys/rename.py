"""The journey of a user who changes the username."""

import secrets
from collections.abc import AsyncIterator

from decode_client.generated.answers import Profile
from tests.journeys.steps import Apps, Step, refused
from tests.support.mailbox import Mailbox
from tests.support.people import new_person


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member, name = await apps.register(mailbox), f"user_{secrets.token_hex(6)}"
    app, person = member.app, member.person
    flow_id = (await app.username_changes.begin(new_username=name)).flow_id
    assert (await app.users.check_username(username=name)).reason == "taken"
    yield Step("ask for another name; it is held", flow_id)

    pending = (await app.profiles.get_own()).pending_flows
    assert [flow.flow_id for flow in pending] == [flow_id]
    yield Step("find the change among what is under way", flow_id)

    code = await mailbox.code(person.email, "username-change-verify")
    changed = await app.username_changes.verify(flow_id=flow_id, code=code)
    assert isinstance(changed, Profile), changed
    assert changed.username == name
    yield Step("prove the address, bear the name", flow_id)

    await app.auth.login(**{**person.credentials, "email_or_username": name})
    yield Step("sign in with the new name")

    stranger = new_person(username=person.username)
    with refused("UsernameTaken"):
        await (await apps.on(stranger.fingerprint)).registration.begin(**stranger.application)
    yield Step("no other account gets the old one")

    with refused("UsernameCooldown"):
        await app.username_changes.begin(new_username=f"{name}_2")
    yield Step("the next change must wait for 30 days")
