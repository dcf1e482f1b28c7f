"""What MongoDB holds about one person, as they may see it: no hash, no token, no secret, nobody else."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from bson import ObjectId

from adapters.mongo.client import Database, Document
from domain.accounts.account_export import Row

AT_A_TIME = 500


@dataclass(frozen=True)
class Source:
    """A collection whose documents belong to a person, and the fields that are shown of them."""

    collection: str
    fields: Sequence[str]


ACCOUNT = Source(
    "users",
    (
        *("username", "email", "display_name", "bio", "avatar_ipfs_hash", "role", "is_active", "last_login"),
        *("last_username_change", "last_email_change", "mail_flag", "createdAt", "updatedAt"),
    ),
)
SOURCES: Mapping[str, Source] = {
    "devices": Source("device_fingerprints", ("browser", "device", "is_trusted", "trusted_at", "last_seen_at")),
    "sessions": Source(
        "sessions",
        (
            *("app", "device_fingerprint_id", "auth_strength", "is_active", "revoked_at", "revoke_reason"),
            *("expires_at", "last_used_at", "createdAt"),
        ),
    ),
    "second_factor": Source("otps", ("otp_enable", "enabled_at", "createdAt")),
    "security_events": Source("security_events", ("kind", "severity", "at", "device", "address_prefix")),
    "follower_snapshots": Source("follower_snapshots", ("day", "followers_number", "gained", "lost", "came", "left")),
    "notifications": Source(
        "notifications", ("seq", "type", "title", "message", "data", "delivered_at", "read_at", "createdAt")
    ),
    "wallets": Source("wallets", ("address", "chain_id", "name_service", "is_primary", "createdAt")),
}
"""A noun with a collection of its own adds it here."""
MAILS = Source("mails", ("kind", "state", "attempts", "createdAt", "updatedAt"))


class PersonalRecords:
    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def nouns(self) -> Sequence[str]:
        """What `rows` knows."""
        return tuple(SOURCES)

    def account(self, user_id: str) -> AsyncIterator[Row]:
        """The account itself, the only row."""
        return self._rows(ACCOUNT, {"_id": ObjectId(user_id)})

    def rows(self, noun: str, user_id: str) -> AsyncIterator[Row]:
        """The person's documents, oldest first, a few hundred in memory at a time."""
        return self._rows(SOURCES[noun], {"user_id": ObjectId(user_id)})

    def mails(self, recipient_hash: str) -> AsyncIterator[Row]:
        """Kinds and times of what was mailed to an address."""
        return self._rows(MAILS, {"recipient_hash": recipient_hash})

    async def _rows(self, source: Source, which: Document) -> AsyncIterator[Row]:
        found = self._database[source.collection].find(which, dict.fromkeys(source.fields, 1), batch_size=AT_A_TIME)
        async for document in found.sort("_id", 1):
            yield document
