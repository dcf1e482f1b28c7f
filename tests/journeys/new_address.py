"""The journey to a new mail address, and back by the mail that the old one got."""

import re
from collections.abc import AsyncIterator

from decode_client.generated.answers import ProfileWithEmail
from tests.journeys.steps import Apps, Step, refused, waiting
from tests.support.mailbox import Mailbox
from tests.support.people import new_person

FLOW_LINE = re.compile(r"v[A-Za-z0-9_-]{32}")


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member, address = await apps.register(mailbox), new_person().email
    app, person = member.app, member.person
    other_app = await apps.on(person.fingerprint)
    await other_app.auth.login(**person.credentials)

    flow_id = (await app.email_changes.begin()).flow_id
    code = await mailbox.code(person.email, "email-change-verify")
    waiting(await app.email_changes.verify_old_address(flow_id=flow_id, code=code), "new_email")
    yield Step("prove the present address", flow_id)

    waiting(await app.email_changes.enter_new_address(flow_id=flow_id, new_email=address), "new_email_code")
    yield Step("name a new one", flow_id)

    code = await mailbox.code(address, "new-email-change-verify")
    changed = await app.email_changes.verify_new_address(flow_id=flow_id, code=code)
    assert isinstance(changed, ProfileWithEmail), changed
    assert changed.email == address
    yield Step("prove it; it counts from now on", flow_id)

    with refused("SessionRevoked"):
        await other_app.profiles.get_own()
    await app.profiles.get_own()
    yield Step("every other session has ended")

    flow_id, code = await _way_back(mailbox, person.email)
    yield Step("the old address was told how to take it back", flow_id)

    assert await app.email_changes.revert(flow_id=flow_id, code=code) is None
    with refused("SessionRevoked"):
        await app.profiles.get_own()
    yield Step("take it back; every session has ended", flow_id)

    await app.auth.login(**{**person.credentials, "email_or_username": person.email})
    with refused("EmailChangeBarred"):
        await app.email_changes.begin()
    yield Step("the old address counts, and stays for 7 days")


async def _way_back(mailbox: Mailbox, address: str) -> tuple[str, str]:
    """The flow id and the code in the mail to the old address."""
    letter = await mailbox.letter(address, "email-changed")
    flow_id = next(line for line in letter["text"].splitlines() if FLOW_LINE.fullmatch(line))
    return flow_id, await mailbox.code(address, "email-changed")
