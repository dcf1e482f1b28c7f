"""Proving a wallet: a text to sign is given out once, and what comes back signed is compared with it."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from adapters.crypto.wallet_signatures import signer_of
from adapters.resources import Resources
from api.idempotency import Once
from api.schemas.wallets import AskedOfWallet, WalletProofRequest
from domain.errors import InvalidInput, WalletProofInvalid
from domain.wallets import Challenge, WalletPurpose, nonce_in


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
            ticket, purpose=_ticket(purpose), value=AskedOfWallet.of(challenge).model_dump(), expires_at=expires_at
        )
        return challenge.text(site)

    async def proved(
        self, purpose: WalletPurpose, body: WalletProofRequest, once: Once, *, user_id: str | None = None
    ) -> Challenge:
        """The challenge that was answered rightly, for this purpose, by this user, once.

        A repeated request is judged as if its challenge were still there. Raises WalletProofInvalid,
        IdempotencyKeyReused.
        """
        nonce = nonce_in(body.message)
        if nonce is None:
            raise WalletProofInvalid
        asked = await self._taken(purpose, nonce, body, once)
        challenge = asked.challenge(purpose, nonce)
        ours = challenge.text(self.resources.wallet_site)
        is_ours = challenge.user_id == user_id and hmac.compare_digest(ours.encode(), body.message.encode())
        if not is_ours or signer_of(ours, body.signature_bytes) != challenge.address:
            raise WalletProofInvalid
        return challenge

    async def _taken(self, purpose: WalletPurpose, nonce: str, body: WalletProofRequest, once: Once) -> AskedOfWallet:
        """Used up before anything is judged: each look at a signature costs a guesser a challenge."""

        async def taken() -> AskedOfWallet:
            value = await self.resources.tickets.take(
                self.resources.hashes.nonce(nonce),
                purpose=_ticket(purpose),
                now=self.now,
                receipt=lambda value: once.receipt(body, AskedOfWallet(**value)),
            )
            if value is None:
                raise WalletProofInvalid
            return AskedOfWallet(**value)

        return await once.answer(body, AskedOfWallet, taken)


def _ticket(purpose: WalletPurpose) -> str:
    return f"wallet_{purpose}"
