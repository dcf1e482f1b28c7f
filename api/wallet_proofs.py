"""Proving a wallet: a text to sign is given out once, and what comes back signed is compared with it."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters.crypto.wallet_signatures import signer_of
from adapters.resources import Resources
from domain.errors import IdempotencyKeyReused, InvalidInput, WalletProofInvalid
from domain.wallets import Challenge, WalletPurpose, nonce_in

RECEIPT = "wallet_receipt"
RECEIPT_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class SignedText:
    """What a client brings. `request` names a request that may be repeated."""

    message: str
    signature: bytes
    request: str | None
    body_hash: str


@dataclass(frozen=True)
class WalletProofs:
    resources: Resources
    now: datetime

    async def challenge(
        self, purpose: WalletPurpose, address: str, *, chain_id: int | None, user_id: str | None = None
    ) -> str:
        """The text to sign, good once and for five minutes. Raises InvalidInput for a chain that is not ours."""
        site, hashes = self.resources.wallet_site, self.resources.hashes
        chain = chain_id or site.chain_ids[0]
        if chain not in site.chain_ids:
            raise InvalidInput(details=[{"field": "body.chain_id", "message": "wallets of this chain are not taken"}])
        challenge = Challenge(purpose, hashes.new_nonce(), address, chain, self.now, user_id)
        ticket, expires_at = hashes.nonce(challenge.nonce), challenge.expires_at
        await self.resources.tickets.put(
            ticket, purpose=_ticket(purpose), value=_kept(challenge), expires_at=expires_at
        )
        return challenge.text(site)

    async def proved(self, purpose: WalletPurpose, signed: SignedText, *, user_id: str | None = None) -> Challenge:
        """The challenge that was answered rightly, for this purpose, by this user, once.

        A repeated request hears the same again. Raises WalletProofInvalid or IdempotencyKeyReused.
        """
        nonce = nonce_in(signed.message)
        if nonce is None:
            raise WalletProofInvalid
        earlier = await self._earlier(signed)
        if earlier is not None:
            return Challenge(purpose, nonce, **earlier)
        challenge = await self._taken(purpose, nonce, user_id)
        ours = challenge.text(self.resources.wallet_site)
        is_ours = hmac.compare_digest(ours.encode(), signed.message.encode())
        if not is_ours or signer_of(ours, signed.signature) != challenge.address:
            raise WalletProofInvalid
        await self._remember(signed, challenge)
        return challenge

    async def _taken(self, purpose: WalletPurpose, nonce: str, user_id: str | None) -> Challenge:
        """Used up before anything is judged: each look at a signature costs a guesser a challenge."""
        ticket = self.resources.hashes.nonce(nonce)
        kept = await self.resources.tickets.take(ticket, purpose=_ticket(purpose), now=self.now)
        if kept is None or kept["user_id"] != user_id:
            raise WalletProofInvalid
        return Challenge(purpose, nonce, **kept)

    async def _earlier(self, signed: SignedText) -> dict[str, Any] | None:
        """What a repeated request has proved before."""
        if signed.request is None:
            return None
        receipt = self.resources.hashes.receipt(signed.request)
        value = await self.resources.tickets.look(receipt, purpose=RECEIPT, now=self.now)
        if value is not None and value.pop("body_hash") != signed.body_hash:
            raise IdempotencyKeyReused
        return value

    async def _remember(self, signed: SignedText, challenge: Challenge) -> None:
        if signed.request is None:
            return
        receipt = self.resources.hashes.receipt(signed.request)
        value = _kept(challenge) | {"body_hash": signed.body_hash}
        await self.resources.tickets.put(receipt, purpose=RECEIPT, value=value, expires_at=self.now + RECEIPT_LIFE)


def _ticket(purpose: WalletPurpose) -> str:
    return f"wallet_{purpose}"


def _kept(challenge: Challenge) -> dict[str, Any]:
    """All but purpose and nonce, which name the ticket."""
    return {
        "address": challenge.address,
        "chain_id": challenge.chain_id,
        "issued_at": challenge.issued_at,
        "user_id": challenge.user_id,
    }
