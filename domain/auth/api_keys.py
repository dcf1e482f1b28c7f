"""API keys: each acts as its owner, with the scopes that it was given and never with more than the owner may do."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address, ip_network

from domain.errors import InvalidInput
from domain.users.permissions import PERMISSIONS
from domain.users.users import User

MAX_KEYS_PER_USER = 20
"""Of those in force: one that has ended makes room."""
MAX_NAME_LENGTH = 60
MAX_SCOPES = 40
MAX_NETWORKS = 10
MAPPED_BITS = 96
"""How many bits of a mapped IPv4 address come before it."""
MAX_DAYS = 365
DEFAULT_DAYS = 90
MAX_LIMIT_COUNT = 10_000
MAX_LIMIT_SECONDS = 3600
MAX_OVERLAP_SECONDS = 604_800
DEFAULT_OVERLAP_SECONDS = 86_400
DAYS_OF_USE = 30
"""How many days its uses are kept, today among them."""
REMINDER_DAYS = (14, 1)
"""How many days before the end of a key its owner is reminded; the earlier first."""


@dataclass(frozen=True)
class KeySecret:
    """One secret of a key, as its keyed hash. `ends_at`: None for the current one."""

    hash: bytes = field(repr=False)
    begins_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True)
class KeyLimit:
    """At most `count` calls within any `seconds`."""

    count: int
    seconds: int


@dataclass(frozen=True)
class ApiKey:
    """A stored key. `prefix`: the part of its text that is no secret. `secrets`: at most two, the current one last.

    `epoch`: the owner's `session_epoch` when it was made. `networks`: CIDR; none means any.
    """

    key_id: str
    user_id: str
    name: str
    prefix: str
    scopes: Sequence[str]
    secrets: Sequence[KeySecret]
    limit: KeyLimit | None
    networks: Sequence[str]
    epoch: int
    expires_at: datetime
    created_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_network: str | None = None

    def is_in_force(self, owner: User, now: datetime) -> bool:
        """Whether the key may be used. Whatever ends all sessions of its owner ends their keys: who was let in by a
        stolen password may have made one (OWASP ASVS 7.4).
        """
        return (
            self.revoked_at is None
            and now < self.expires_at
            and owner.is_active
            and owner.user_id == self.user_id
            and owner.session_epoch == self.epoch
        )

    def has_secret(self, secret_hash: bytes, now: datetime) -> bool:
        """Whether this is the hash of a secret that works now. Every one is compared, each in constant time."""
        matches = [hmac.compare_digest(secret.hash, secret_hash) for secret in self.secrets]
        return any(
            is_same and (secret.ends_at is None or now < secret.ends_at)
            for is_same, secret in zip(matches, self.secrets, strict=True)
        )

    def allows_address(self, client_address: str) -> bool:
        """Whether a client with this IP address may use the key."""
        if not self.networks:
            return True
        try:
            address = ip_address(client_address)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            address = address.ipv4_mapped
        return any(address in ip_network(network) for network in self.networks)

    @property
    def reminders(self) -> Mapping[int, datetime]:
        """When the owner is reminded, by how many days before the end: a key made for fewer days has no such date."""
        dates = {days: self.expires_at - timedelta(days=days) for days in REMINDER_DAYS}
        return {days: date for days, date in dates.items() if self.created_at < date}

    def due_reminder(self, now: datetime) -> int | None:
        """Return the days of the reminder that is due, the last if several are; None before the first."""
        return min((days for days, date in self.reminders.items() if date <= now), default=None)

    def next_reminder_at(self, now: datetime) -> datetime | None:
        """Return when the next reminder will be due; None after the last."""
        return min((date for date in self.reminders.values() if now < date), default=None)

    def rotated(self, secret_hash: bytes, overlap: timedelta, now: datetime) -> "ApiKey":
        """Return the key with a new secret. The current one works for `overlap` longer, an older one no more."""
        new = KeySecret(secret_hash, now)
        leaving = [replace(secret, ends_at=now + overlap) for secret in self.secrets[-1:] if overlap]
        return replace(self, secrets=[*leaving, new])


@dataclass(frozen=True)
class KeyUse:
    """A call or socket by key: the key's prefix, the hash of the secret that was sent, and the client's IP address."""

    prefix: str
    secret_hash: bytes = field(repr=False)
    client_address: str


@dataclass(frozen=True)
class KeyChange:
    """A change of a key by its owner. None leaves a field as it is; `limit` counts only with `sets_limit`."""

    name: str | None = None
    scopes: Sequence[str] | None = None
    networks: Sequence[str] | None = None
    limit: KeyLimit | None = None
    sets_limit: bool = False

    @property
    def fields(self) -> Sequence[str]:
        """The names of the fields that it sets."""
        given = {"name": self.name, "scopes": self.scopes, "networks": self.networks, "limit": self.sets_limit or None}
        return sorted(name for name, value in given.items() if value is not None)

    def apply(self, key: ApiKey) -> ApiKey:
        """Return the changed key. Raises InvalidInput for a scope that the key does not have: keys only lose scopes."""
        require_scopes(self.scopes or (), key.scopes, "this key cannot get")
        return replace(
            key,
            name=key.name if self.name is None else self.name,
            scopes=key.scopes if self.scopes is None else self.scopes,
            networks=key.networks if self.networks is None else self.networks,
            limit=self.limit if self.sets_limit else key.limit,
        )


@dataclass(frozen=True)
class DayOfUse:
    """How a key was used on a day, `2026-11-29` in UTC. `refusals` are among the calls."""

    day: str
    calls: int
    refusals: int
    routes: Sequence[str]


def parse_network(typed: str) -> str:
    """Return the network of a CIDR notation; of IPv4 addresses that are mapped to IPv6, the one of those addresses, as
    clients are known by them. Raises ValueError for another text, or one with bits of a host.
    """
    network = ip_network(typed.strip())
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped and network.prefixlen >= MAPPED_BITS:
        return f"{mapped}/{network.prefixlen - MAPPED_BITS}"
    return str(network)


def is_scope(name: str) -> bool:
    """Whether a key can have this permission as a scope."""
    spec = PERMISSIONS.get(name)
    return spec is not None and spec.is_scope


def require_scopes(
    wanted: Sequence[str], available: Sequence[str] | frozenset[str], refusal: str = "you cannot give"
) -> None:
    """Raise InvalidInput unless all that is wanted is available. `refusal`: how the message begins."""
    missing = sorted(set(wanted).difference(available))
    if missing:
        message = f"{refusal} {', '.join(missing)}"
        raise InvalidInput(details=[{"field": "body.scopes", "message": message}])


def days_of_use(stored: Mapping[str, DayOfUse], today: datetime, days: int) -> Sequence[DayOfUse]:
    """Return the days with calls among the last `days`, newest first."""
    first = first_day_of_use(today, days)
    return [stored[day] for day in sorted(stored, reverse=True) if day >= first]


def first_day_of_use(today: datetime, days: int = DAYS_OF_USE) -> str:
    """Return the first of the last `days`, today among them; by default of those whose uses are kept."""
    return (today - timedelta(days=days - 1)).date().isoformat()
