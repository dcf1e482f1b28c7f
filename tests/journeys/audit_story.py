"""The journey of an admin who asks what one request has led to: its entries, its flow, its mails."""

import secrets
from collections.abc import AsyncIterator

from tests.journeys.entries import entries_of, only, party_id
from tests.journeys.steps import Apps, Step
from tests.support.mailbox import Mailbox

NEW = "another long enough phrase"
RESET = ("user.password_reset", "flow.ended")


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    admin, member = await apps.register_admin(mailbox), await apps.register(mailbox)
    app, person, audit = member.app, member.person, admin.app.audit
    request_id = f"new-password.{secrets.token_hex(6)}"
    flow_id = (await app.passwords.begin_reset(email_or_username=person.username)).flow_id
    code = await mailbox.code(person.email, "forgot-password-verify")
    await app.passwords.verify_reset_code(flow_id=flow_id, code=code)
    named = await apps.on(person.fingerprint, request_id=request_id)
    assert await named.passwords.reset(flow_id=flow_id, code=code, new_password=NEW) is None
    yield Step("a user sets a new password; the request has an id", flow_id)

    found = await entries_of(lambda: audit.search(request_id=request_id), *RESET)
    reset, ended = (only(found, type) for type in RESET)
    assert party_id(reset.subject) == member.user_id, reset
    yield Step("an admin asks the journal what that request has led to")

    assert party_id(ended.subject) == ended.cause == reset.cause, ended
    assert ended.public == {"kind": "password_reset", "state": "completed"}, ended
    yield Step("both entries name the flow, and one how it ended", flow_id)

    told = await entries_of(lambda: audit.search(cause=ended.cause), *RESET, "mail.sent", "mail.sent")
    mails = {str(entry.public["kind"]) for entry in told if entry.type == "mail.sent"}
    assert mails == {"forgot-password-verify", "password-changed"}, told
    yield Step("by the flow both its mails are found, sent")

    looked = await entries_of(lambda: audit.search(type="audit.read", actor=admin.user_id), "audit.read")
    assert {"request_id": request_id} in [entry.public for entry in looked], looked
    yield Step("that the admin has looked is in the journal as well")

    await app.auth.login(**{**person.credentials, "password": NEW})
    own = (await app.audit.search_own(request_id=request_id)).entries
    assert only(own, "user.password_reset").hash == reset.hash
    yield Step("the user finds the same change among the own entries")
