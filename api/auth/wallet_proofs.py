"""Proving a wallet: a text to sign is given out once, and what comes back signed is compared with it."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from adapters.area_resources import AuthResources
from adapters.crypto.wallet_signatures import signer_of
from api.access.idempotency import Once
from api.auth.schemas.wallets import AskedOfWallet, WalletChallengeRequest, WalletProofRequest
from domain.auth.errors import WalletProofInvalid
from domain.auth.wallets import Challenge, WalletPurpose, nonce_in
from domain.errors import InvalidInput


@dataclass(frozen=True)
class WalletProofs:
    resources: AuthResources
    now: datetime

    async def challenge(
        self, purpose: WalletPurpose, body: WalletChallengeRequest, once: Once, *, user_id: str | None = None
    ) -> str:
        """The text to sign, good once and for five minutes. A repeated request gets its own again.

        Raises InvalidInput for a chain that is not ours, IdempotencyKeyReused.
        """
        nonce = self.resources.hashes.new_nonce(once.request)
        challenge = Challenge(purpose, nonce, body.address, self._chain(body.chain_id), self.now, user_id)

        async def put() -> AskedOfWallet:
            asked = AskedOfWallet.of(challenge)
            await self.resources.auth.tickets.put(
                self.resources.hashes.nonce(nonce),
                purpose=_ticket(purpose),
                value=asked.model_dump(),
                expires_at=challenge.expires_at,
                receipt=once.receipt(body, asked),
            )
            return asked

        asked = await once.answer(body, AskedOfWallet, put)
        return asked.challenge(purpose, nonce).text(self.resources.auth.wallet_site)

    async def proved(
        self, purpose: WalletPurpose, body: WalletProofRequest, once: Once, *, user_id: str | None = None
    ) -> Challenge:
        """The challenge that was answered rightly, for this purpose, by this user, once.

        A repeated request is judged as if its challenge were still there. Raises WalletProofInvalid,
        IdempotencyKeyReused.
        """
        # Without a nonce it is nobody's challenge, which is found out after the key: that may have had another body.
        nonce = nonce_in(body.message) or ""
        asked = await self._taken(purpose, nonce, body, once)
        challenge = asked.challenge(purpose, nonce)
        ours = challenge.text(self.resources.auth.wallet_site)
        is_ours = challenge.user_id == user_id and hmac.compare_digest(ours.encode(), body.message.encode())
        if not is_ours or signer_of(ours, body.signature_bytes) != challenge.address:
            raise WalletProofInvalid
        return challenge

    def _chain(self, said: int | None) -> int:
        ours = self.resources.auth.wallet_site.chain_ids
        if said is not None and said not in ours:
            raise InvalidInput(details=[{"field": "body.chain_id", "message": "wallets of this chain are not taken"}])
        return said or ours[0]

    async def _taken(self, purpose: WalletPurpose, nonce: str, body: WalletProofRequest, once: Once) -> AskedOfWallet:
        """Used up before anything is judged: each look at a signature costs a guesser a challenge."""

        async def taken() -> AskedOfWallet:
            value = await self.resources.auth.tickets.take(
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
