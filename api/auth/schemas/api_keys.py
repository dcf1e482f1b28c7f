"""API keys as their owners see them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from api.schemas.envelope import Body, View
from api.schemas.fields import Phrase, Timestamp
from api.schemas.step_up import StepUpBody
from domain.auth.api_keys import (
    DAYS_OF_USE,
    DEFAULT_DAYS,
    DEFAULT_OVERLAP_SECONDS,
    MAX_DAYS,
    MAX_LIMIT_COUNT,
    MAX_LIMIT_SECONDS,
    MAX_NAME_LENGTH,
    MAX_NETWORKS,
    MAX_OVERLAP_SECONDS,
    MAX_SCOPES,
    ApiKey,
    DayOfUse,
    KeyChange,
    KeyLimit,
    KeySecret,
    is_scope,
    parse_network,
)
from domain.rate_limits import LimitDecision
from domain.users.users import User


def _scope(name: str) -> str:
    if not is_scope(name):
        raise ValueError("this is no scope of an API key")
    return name


def _network(typed: str) -> str:
    try:
        return parse_network(typed)
    except ValueError:
        raise ValueError("this is no network in CIDR notation") from None


def _unique(names: list[str]) -> list[str]:
    return sorted(set(names))


Scope = Annotated[str, StringConstraints(max_length=60), AfterValidator(_scope)]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=MAX_SCOPES), AfterValidator(_unique)]
Network = Annotated[str, StringConstraints(min_length=1, max_length=50), AfterValidator(_network)]
Networks = Annotated[list[Network], Field(max_length=MAX_NETWORKS), AfterValidator(_unique)]
KeyName = Annotated[Phrase, StringConstraints(max_length=MAX_NAME_LENGTH)]
UsageDays = Annotated[int, Field(ge=1, le=DAYS_OF_USE)]


class KeyLimitBody(Body):
    """At most `count` calls within any `seconds`."""

    count: int = Field(ge=1, le=MAX_LIMIT_COUNT)
    seconds: int = Field(ge=1, le=MAX_LIMIT_SECONDS)

    @property
    def limit(self) -> KeyLimit:
        return KeyLimit(self.count, self.seconds)


class CreateApiKeyRequest(StepUpBody):
    """`scopes`: permissions of the caller's own. `networks`: where the key may be used from; none means anywhere."""

    name: KeyName
    scopes: Scopes
    expires_in_days: int = Field(default=DEFAULT_DAYS, ge=1, le=MAX_DAYS)
    limit: KeyLimitBody | None = None
    networks: Networks = Field(default_factory=list)

    def new_key(self, key_id: str, prefix: str, secret_hash: bytes, owner: User, now: datetime) -> ApiKey:
        return ApiKey(
            key_id=key_id,
            user_id=owner.user_id,
            name=self.name,
            prefix=prefix,
            scopes=self.scopes,
            secrets=[KeySecret(secret_hash, now)],
            limit=self.limit.limit if self.limit else None,
            networks=self.networks,
            epoch=owner.session_epoch,
            expires_at=now + timedelta(days=self.expires_in_days),
            created_at=now,
        )


class ChangeApiKeyRequest(StepUpBody):
    """What is left out stays as it is. A key only loses scopes. `limit`: null takes it away."""

    name: KeyName | None = None
    scopes: Scopes | None = None
    limit: KeyLimitBody | None = None
    networks: Networks | None = None

    @property
    def change(self) -> KeyChange:
        limit = self.limit.limit if self.limit else None
        return KeyChange(self.name, self.scopes, self.networks, limit, sets_limit="limit" in self.model_fields_set)


class RotateApiKeyRequest(StepUpBody):
    """`overlap_seconds`: how long the present secret works beside the new one."""

    overlap_seconds: int = Field(default=DEFAULT_OVERLAP_SECONDS, ge=0, le=MAX_OVERLAP_SECONDS)


class KeyLimitView(View):
    count: int
    seconds: int

    @classmethod
    def of(cls, limit: KeyLimit | None) -> "KeyLimitView | None":
        return cls(count=limit.count, seconds=limit.seconds) if limit else None


class KeySecretView(View):
    """When a secret works. `until`: null for the present one."""

    begins_at: Timestamp = Field(alias="from")
    until: Timestamp | None


class ApiKeyView(View):
    """`is_active`: whether it works, its owner's rights aside."""

    key_id: str = Field(alias="_id")
    name: str
    prefix: str
    scopes: Sequence[str]
    limit: KeyLimitView | None
    networks: Sequence[str]
    expires_at: Timestamp
    created_at: Timestamp = Field(alias="createdAt")
    last_used_at: Timestamp | None
    last_used_network: str | None
    secrets: list[KeySecretView]
    is_active: bool

    @classmethod
    def of(cls, key: ApiKey, owner: User, now: datetime) -> "ApiKeyView":
        works = [secret for secret in key.secrets if secret.ends_at is None or now < secret.ends_at]
        return cls(
            key_id=key.key_id,
            name=key.name,
            prefix=key.prefix,
            scopes=key.scopes,
            limit=KeyLimitView.of(key.limit),
            networks=key.networks,
            expires_at=key.expires_at,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            last_used_network=key.last_used_network,
            secrets=[KeySecretView(begins_at=secret.begins_at, until=secret.ends_at) for secret in works],
            is_active=key.is_in_force(owner, now),
        )


class ApiKeyList(View):
    keys: list[ApiKeyView]


class IssuedApiKey(View):
    """`secret`: the whole key, shown this once."""

    key: ApiKeyView
    secret: str


class DayOfUseView(View):
    """`refusals` are among the calls. `routes`: which were called."""

    day: str
    calls: int
    refusals: int
    routes: Sequence[str]

    @classmethod
    def of(cls, use: DayOfUse) -> "DayOfUseView":
        return cls(day=use.day, calls=use.calls, refusals=use.refusals, routes=use.routes)


class ApiKeyUsage(View):
    """Days in UTC, newest first; without those on which the key was not used."""

    days: list[DayOfUseView]


class LimitState(View):
    """`remaining`: calls that are left now; `reset_seconds`: until the oldest one counts no more."""

    count: int
    remaining: int
    reset_seconds: int

    @classmethod
    def of(cls, decision: LimitDecision) -> "LimitState":
        return cls(count=decision.policy.count, remaining=decision.remaining, reset_seconds=decision.reset_seconds)


class ApiKeySelf(View):
    """`permissions`: what the key may do now, by its scopes and its owner's rights. `limit_state`: null without one."""

    key: ApiKeyView
    user_id: str
    username: str
    permissions: list[str]
    limit_state: LimitState | None
