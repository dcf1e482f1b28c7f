"""The journey with a wallet: link it, make it primary, sign in with it on a new device, try to unlink it."""

import secrets
from collections.abc import AsyncIterator

from eth_account import Account
from eth_account.messages import encode_defunct
from eth_account.signers.local import LocalAccount

from decode_client import DecodeClient
from decode_client.generated.answers import ChallengeView, Flow, SessionView
from tests.journeys.steps import Apps, Step, refused, waiting
from tests.support.mailbox import Mailbox


async def play(apps: Apps, mailbox: Mailbox) -> AsyncIterator[Step]:
    """Yield each step when it has happened. Raises AssertionError or DecodeError at the first that fails."""
    member, wallet = await apps.register(mailbox), Account.create()
    app, person = member.app, member.person
    asked = await app.wallets.challenge_link(address=wallet.address)
    await app.wallets.link(message=asked.message, signature=_signature(wallet, asked))
    await mailbox.letter(person.email, "wallet-changed")
    yield Step("link a wallet")

    asked = await app.wallets.challenge_primary(address=wallet.address)
    await app.wallets.set_primary(message=asked.message, signature=_signature(wallet, asked))
    assert (await app.wallets.get_primary(member.user_id)).address == wallet.address.lower()
    yield Step("make it the primary one, for all to see")

    fingerprint = secrets.token_hex(32)
    phone = await apps.on(fingerprint)
    flow = waiting(await _sign_in(phone, wallet, fingerprint), "device_code")
    yield Step("sign in by wallet on a new device", flow.flow_id)

    code = await mailbox.code(person.email, "fingerprint-verify")
    await phone.auth.prove_device(flow_id=flow.flow_id, code=code)
    yield Step("prove the device, be signed in", flow.flow_id)

    assert isinstance(await _sign_in(phone, wallet, fingerprint), SessionView)
    with refused("StepUpRequired"):
        await phone.wallets.unlink(wallet.address)
    yield Step("next time the wallet is enough, but not to unlink it")

    await phone.auth.step_up(current_password=person.password)
    with refused("PrimaryWallet"):
        await phone.wallets.unlink(wallet.address)
    yield Step("the primary wallet stays linked")

    await phone.wallets.unset_primary(address=wallet.address)
    await phone.wallets.unlink(wallet.address)
    with refused("InvalidCredentials"):
        await _sign_in(phone, wallet, fingerprint)
    yield Step("unlinked, it opens nothing any more")


async def _sign_in(phone: DecodeClient, wallet: LocalAccount, fingerprint: str) -> SessionView | Flow:
    """Request a challenge, sign it, and send it back."""
    asked = await phone.wallets.challenge_sign_in(address=wallet.address)
    return await phone.wallets.sign_in(
        message=asked.message,
        signature=_signature(wallet, asked),
        fingerprint_hashed=fingerprint,
        browser="Firefox 145",
        device="Phone",
    )


def _signature(wallet: LocalAccount, asked: ChallengeView) -> str:
    return str(wallet.sign_message(encode_defunct(text=asked.message)).signature.to_0x_hex())
