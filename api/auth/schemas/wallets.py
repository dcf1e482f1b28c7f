"""Wallets as clients see and prove them."""

from pydantic import Field

from api.auth.schemas.sessions import DeviceBody
from api.schemas.envelope import Body, View
from api.schemas.fields import ChainId, SignedMessage, Timestamp, WalletAddress, WalletSignature
from domain.auth.wallets import Wallet, WalletChallenge, WalletPurpose


class WalletAddressRequest(Body):
    address: WalletAddress


class WalletChallengeRequest(WalletAddressRequest):
    """`chain_id`: one of ours; the usual one unless it is said."""

    chain_id: ChainId | None = None


class WalletProofRequest(Body):
    message: SignedMessage
    signature: WalletSignature

    @property
    def signature_bytes(self) -> bytes:
        return bytes.fromhex(self.signature.removeprefix("0x"))


class WalletSignInRequest(WalletProofRequest, DeviceBody):
    """A proof, and the device that it comes from."""


class AskedOfWallet(View):
    """What a challenge is about, but for its purpose and nonce, which name it: what a ticket holds."""

    address: str
    chain_id: int
    issued_at: Timestamp
    user_id: str | None

    @classmethod
    def of(cls, challenge: WalletChallenge) -> "AskedOfWallet":
        return cls.model_validate(challenge, from_attributes=True)

    def challenge(self, purpose: WalletPurpose, nonce: str) -> WalletChallenge:
        return WalletChallenge(purpose, nonce, self.address, self.chain_id, self.issued_at, self.user_id)


class ChallengeView(View):
    message: str


class WalletView(View):
    """W of the contract."""

    wallet_id: str = Field(serialization_alias="_id")
    address: str
    user_id: str
    chain_id: int
    name_service: str | None
    is_primary: bool
    created_at: Timestamp = Field(serialization_alias="createdAt")

    @classmethod
    def of(cls, wallet: Wallet) -> "WalletView":
        return cls.model_validate(wallet, from_attributes=True)


class WalletList(View):
    wallets: list[WalletView]
