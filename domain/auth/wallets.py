"""Wallets: the message that is signed to prove one (EIP-4361, "Sign-In with Ethereum"), and the stored wallet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.moments import format_timestamp

CHALLENGE_TTL = timedelta(minutes=5)
MAX_WALLETS_PER_USER = 10
_NONCE = re.compile(r"^Nonce: ([A-Za-z0-9]{8,64})$", re.MULTILINE)


class WalletPurpose(StrEnum):
    """What a signed challenge may be used for: sign-in, linking, or making the wallet primary."""

    AUTH = "auth"
    LINK = "link"
    PRIMARY = "primary"


STATEMENTS: Mapping[WalletPurpose, str] = {
    WalletPurpose.AUTH: "Sign in to Decode.",
    WalletPurpose.LINK: "Link this wallet to your Decode account.",
    WalletPurpose.PRIMARY: "Make this wallet the primary one of your Decode account.",
}


@dataclass(frozen=True)
class Site:
    """The relying party of EIP-4361 messages, which wallets show to their owners. The first chain is the default."""

    domain: str
    uri: str
    chain_ids: tuple[int, ...]


@dataclass(frozen=True)
class WalletChallenge:
    """A message for a wallet to sign. `address` has the EIP-55 checksum; `user_id` is the signed-in caller's, if any.

    The nonce is unique: results of the challenge may be keyed by it.
    """

    purpose: WalletPurpose
    nonce: str
    address: str
    chain_id: int
    issued_at: datetime
    user_id: str | None = None

    @property
    def expires_at(self) -> datetime:
        """When the challenge expires: CHALLENGE_TTL after its issue."""
        return self.issued_at + CHALLENGE_TTL

    def message_text(self, site: Site) -> str:
        """Return the exact message to sign (EIP-4361)."""
        return (
            f"{site.domain} wants you to sign in with your Ethereum account:\n"
            f"{self.address}\n"
            f"\n"
            f"{STATEMENTS[self.purpose]}\n"
            f"\n"
            f"URI: {site.uri}\n"
            f"Version: 1\n"
            f"Chain ID: {self.chain_id}\n"
            f"Nonce: {self.nonce}\n"
            f"Issued At: {format_timestamp(self.issued_at)}\n"
            f"Expiration Time: {format_timestamp(self.expires_at)}"
        )


@dataclass(frozen=True)
class Wallet:
    """A wallet linked to an account. `address` is in lower case, the form in which it is unique; `chain_id` is the
    EIP-155 chain id.
    """

    wallet_id: str
    address: str
    user_id: str
    chain_id: int
    created_at: datetime
    is_primary: bool = False
    name_service: str | None = None


class LinkOutcome(StrEnum):
    """Result of linking a wallet. FULL: the account has MAX_WALLETS_PER_USER wallets."""

    LINKED = "linked"
    TAKEN = "taken"
    FULL = "full"


@dataclass(frozen=True)
class PrimaryWalletChange:
    """A wallet after a change of the primary one. `is_new`: the change had an effect."""

    wallet: Wallet
    is_new: bool


class UnlinkOutcome(StrEnum):
    """Result of unlinking a wallet. PRIMARY: it is the primary one and stays linked."""

    UNLINKED = "unlinked"
    PRIMARY = "primary"
    UNKNOWN = "unknown"


def wallet_key(wallet_address: str) -> str:
    """Return the form in which an address is unique, lower case: the letter case is only a checksum (EIP-55)."""
    return wallet_address.lower()


def extract_nonce(message: str) -> str | None:
    """Return the nonce of a signed message; None unless it has exactly one."""
    nonces = _NONCE.findall(message)
    return nonces[0] if len(nonces) == 1 else None
