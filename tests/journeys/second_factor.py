"""The journey with a second factor: turn it on, sign in with it, lose it, get in with a recovery code, turn it off."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pyotp

from decode_client.generated.answers import SessionView
from tests.journeys.steps import Apps, Step, refused, waiting
from tests.support.mailbox import Mailbox


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member = await apps.register(mailbox)
    app, person = member.app, member.person
    authenticator = pyotp.TOTP((await app.two_factor.set_up()).otp_secret)
    first = authenticator.now()
    codes = (await app.two_factor.enable(otp=first)).recovery_codes
    await mailbox.letter(person.email, "two-factor-changed")
    yield Step("turn the second factor on")

    flow_id = waiting(await app.auth.login(**person.credentials), "otp").flow_id
    with refused("WrongCode"):
        await app.auth.prove_second_factor(flow_id=flow_id, otp=first)
    yield Step("a one-time password works once", flow_id)

    otp = authenticator.at(datetime.now(UTC), counter_offset=1)
    assert isinstance(await app.auth.prove_second_factor(flow_id=flow_id, otp=otp), SessionView)
    yield Step("sign in with the next one", flow_id)

    flow_id = waiting(await app.auth.login(**person.credentials), "otp").flow_id
    recovered = await app.auth.prove_second_factor(flow_id=flow_id, recovery_code=codes[0])
    assert isinstance(recovered, SessionView), recovered
    yield Step("without the authenticator, sign in by recovery code", flow_id)

    await app.two_factor.disable(recovery_code=codes[1])
    await mailbox.letter(person.email, "two-factor-changed", number=2)
    yield Step("turn the second factor off")

    assert isinstance(await app.auth.login(**person.credentials), SessionView)
    yield Step("sign in with the password alone")
