"""The journey onto a new device: the password is not enough, the mailed code is, and from then on the password is."""

import secrets
from collections.abc import AsyncIterator

from decode_client.generated.answers import SessionView
from tests.journeys.steps import Apps, Step, waiting
from tests.support.mailbox import Mailbox


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member = await apps.register(mailbox)
    app, person = member.app, member.person
    fingerprint = secrets.token_hex(32)
    phone = await apps.on(fingerprint)
    login = {**person.credentials, "fingerprint_hashed": fingerprint, "device": "Phone"}
    flow = waiting(await phone.auth.login(**login), "device_code")
    yield Step("type the password on a new device", flow.flow_id)

    code = await mailbox.code(person.email, "fingerprint-verify")
    yield Step("the device's code is in the mailbox", flow.flow_id)

    assert isinstance(await phone.auth.prove_device(flow_id=flow.flow_id, code=code), SessionView)
    yield Step("prove the device, be signed in", flow.flow_id)

    assert isinstance(await phone.auth.login(**login), SessionView)
    yield Step("sign in there again, without a code")

    devices = (await app.devices.list_trusted()).devices
    trusted = next(device for device in devices if device.device == "Phone")
    await app.devices.revoke(device_fingerprint_id=trusted.id, current_password=person.password)
    await mailbox.letter(person.email, "device-changed")
    yield Step("stop trusting the device")

    waiting(await phone.auth.login(**login), "device_code")
    yield Step("the device must be proved again")
