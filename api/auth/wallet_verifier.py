"""Proof of wallet ownership: a message to sign (EIP-4361), valid once, and verification of the signature (EIP-191)."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from adapters.area_resources import AuthResources
from adapters.crypto.wallet_signatures import recover_signer
from api.access.idempotency import IdempotentRequest
from api.auth.schemas.wallets import AskedOfWallet, WalletChallengeRequest, WalletProofRequest
from domain.auth.errors import WalletProofInvalid
from domain.auth.wallets import WalletChallenge, WalletPurpose, extract_nonce
from domain.errors import InvalidInput


@dataclass(frozen=True)
class WalletVerifier:
    """Creates wallet challenges and verifies their signatures."""

    resources: AuthResources
    now: datetime

    async def create_challenge(
        self,
        purpose: WalletPurpose,
        body: WalletChallengeRequest,
        idempotent: IdempotentRequest,
        *,
        user_id: str | None = None,
    ) -> str:
        """Return the message to sign, valid once and for five minutes. A repeated request gets the same message.

        Raises InvalidInput for an unsupported chain, or IdempotencyKeyReused.
        """
        nonce = self.resources.hashes.new_nonce(idempotent.request_key)
        challenge = WalletChallenge(purpose, nonce, body.address, self._chain(body.chain_id), self.now, user_id)

        async def put() -> AskedOfWallet:
            asked = AskedOfWallet.of(challenge)
            await self.resources.auth.tickets.store(
                self.resources.hashes.nonce_hash(nonce),
                purpose=_ticket_purpose(purpose),
                value=asked.model_dump(),
                expires_at=challenge.expires_at,
                receipt=idempotent.new_receipt(body, asked),
            )
            return asked

        asked = await idempotent.run_once(body, AskedOfWallet, put)
        return asked.challenge(purpose, nonce).message_text(self.resources.auth.wallet_site)

    async def verify(
        self,
        purpose: WalletPurpose,
        body: WalletProofRequest,
        idempotent: IdempotentRequest,
        *,
        user_id: str | None = None,
    ) -> WalletChallenge:
        """Return the challenge if its signature is valid for this purpose and user, and consume it.

        A repeated request is verified as if its challenge still existed. Raises WalletProofInvalid or
        IdempotencyKeyReused.
        """
        # A message without a nonce fails in `_consume`, so that a reused Idempotency-Key is reported first.
        nonce = extract_nonce(body.message) or ""
        asked = await self._consume(purpose, nonce, body, idempotent)
        challenge = asked.challenge(purpose, nonce)
        ours = challenge.message_text(self.resources.auth.wallet_site)
        is_ours = challenge.user_id == user_id and hmac.compare_digest(ours.encode(), body.message.encode())
        if not is_ours or recover_signer(ours, body.signature_bytes) != challenge.address:
            raise WalletProofInvalid
        return challenge

    def _chain(self, chain_id: int | None) -> int:
        """Return the EIP-155 chain id, by default the first one configured. Raises InvalidInput."""
        ours = self.resources.auth.wallet_site.chain_ids
        if chain_id is not None and chain_id not in ours:
            raise InvalidInput(details=[{"field": "body.chain_id", "message": "wallets of this chain are not taken"}])
        return chain_id or ours[0]

    async def _consume(
        self, purpose: WalletPurpose, nonce: str, body: WalletProofRequest, idempotent: IdempotentRequest
    ) -> AskedOfWallet:
        """Return what was stored for the challenge, consumed before verification: each guess costs a challenge."""

        async def taken() -> AskedOfWallet:
            value = await self.resources.auth.tickets.consume(
                self.resources.hashes.nonce_hash(nonce),
                purpose=_ticket_purpose(purpose),
                now=self.now,
                receipt=lambda value: idempotent.new_receipt(body, AskedOfWallet(**value)),
            )
            if value is None:
                raise WalletProofInvalid
            return AskedOfWallet(**value)

        return await idempotent.run_once(body, AskedOfWallet, taken)


def _ticket_purpose(purpose: WalletPurpose) -> str:
    return f"wallet_{purpose}"
