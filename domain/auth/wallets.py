"""Wallets: the text that is signed to prove one (EIP-4361, "Sign-In with Ethereum"), and what is kept of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.moments import written_iso

CHALLENGE_TTL = timedelta(minutes=5)
MAX_WALLETS_PER_USER = 10
_NONCE = re.compile(r"^Nonce: ([A-Za-z0-9]{8,64})$", re.MULTILINE)


class WalletPurpose(StrEnum):
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
    """Who asks for a signature: what wallets show to their owners. The first chain is the usual one."""

    domain: str
    uri: str
    chain_ids: tuple[int, ...]


@dataclass(frozen=True)
class WalletChallenge:
    """What is asked of a wallet. `address` is in its EIP-55 spelling; `user_id` is who asked, if signed in.

    The nonce makes it one of a kind: what comes of the challenge may be keyed by it.
    """

    purpose: WalletPurpose
    nonce: str
    address: str
    chain_id: int
    issued_at: datetime
    user_id: str | None = None

    @property
    def expires_at(self) -> datetime:
        return self.issued_at + CHALLENGE_TTL

    def message_text(self, site: Site) -> str:
        """The message to be signed, letter by letter."""
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
            f"Issued At: {written_iso(self.issued_at)}\n"
            f"Expiration Time: {written_iso(self.expires_at)}"
        )


@dataclass(frozen=True)
class Wallet:
    """A wallet linked to an account. `address` is in lower case, the form in which it is unique."""

    wallet_id: str
    address: str
    user_id: str
    chain_id: int
    created_at: datetime
    is_primary: bool = False
    name_service: str | None = None


class LinkOutcome(StrEnum):
    """What came of linking a wallet."""

    LINKED = "linked"
    TAKEN = "taken"
    FULL = "full"


@dataclass(frozen=True)
class PrimaryWalletChange:
    """A wallet that is now the primary one, or not any more. `is_new`: it was otherwise before."""

    wallet: Wallet
    is_new: bool


class UnlinkOutcome(StrEnum):
    """What came of unlinking one."""

    UNLINKED = "unlinked"
    PRIMARY = "primary"
    UNKNOWN = "unknown"


def wallet_key(wallet_address: str) -> str:
    """The form in which an address is unique: EIP-55 puts a checksum into the letter case, no meaning."""
    return wallet_address.lower()


def extract_nonce(message: str) -> str | None:
    """The nonce that a signed message names, if it names one and no second."""
    found = _NONCE.findall(message)
    return found[0] if len(found) == 1 else None
