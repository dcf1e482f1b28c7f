"""Occurrences: what happened that others may want to know of. Each is written in the transaction of its change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

MAX_NUMBERED = 500
"""How many get their numbers at a time."""

Fact = str | int | None
"""The values in an occurrence: what has one canonical JSON form without further rules (RFC 8785)."""


# Types of occurrences: noun.past_tense. No docstring: Pydantic shows it in docs/openapi.json.
class OccurrenceType(StrEnum):
    JOURNAL_BEGUN = "journal.begun"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_VERIFIED = "audit.verified"
    AUDIT_CHECKPOINT = "audit.checkpoint"
    USER_CREATED = "user.created"
    USER_UPDATED = "user.updated"
    USER_LOGIN = "user.login"
    USER_LOGIN_ABANDONED = "user.login_abandoned"
    USER_LOGOUT = "user.logout"
    USER_PASSWORD_CHANGED = "user.password_changed"  # noqa: S105 - a type of occurrence
    USER_PASSWORD_RESET = "user.password_reset"  # noqa: S105 - a type of occurrence
    USER_USERNAME_CHANGED = "user.username_changed"
    USER_EMAIL_CHANGED = "user.email_changed"
    USER_EMAIL_REVERTED = "user.email_reverted"
    USER_EXPORTED = "user.exported"
    USER_DEACTIVATED = "user.deactivated"
    USER_REACTIVATED = "user.reactivated"
    USER_DELETED = "user.deleted"
    SESSION_REVOKED = "session.revoked"
    SESSIONS_REVOKED = "sessions.revoked"
    DEVICE_REVOKED = "device.revoked"
    TWO_FACTOR_ENABLED = "two_factor.enabled"
    TWO_FACTOR_DISABLED = "two_factor.disabled"
    RECOVERY_CODES_REPLACED = "recovery_codes.replaced"
    RECOVERY_CODE_USED = "recovery_code.used"
    WALLET_LINKED = "wallet.linked"
    WALLET_UNLINKED = "wallet.unlinked"
    PRIMARY_WALLET_SET = "primary_wallet.set"
    PRIMARY_WALLET_UNSET = "primary_wallet.unset"
    SECURITY_SUSPICIOUS_ACTIVITY = "security.suspicious_activity"
    ROLE_ASSIGNED = "role.assigned"
    ROLE_CREATED = "role.created"
    ROLE_UPDATED = "role.updated"
    ROLE_DELETED = "role.deleted"
    PERMISSION_CREATED = "permission.created"
    PERMISSION_DELETED = "permission.deleted"
    GRANT_CREATED = "grant.created"
    GRANT_DELETED = "grant.deleted"
    GRANT_EXPIRED = "grant.expired"
    API_KEY_CREATED = "api_key.created"
    API_KEY_UPDATED = "api_key.updated"
    API_KEY_ROTATED = "api_key.rotated"
    API_KEY_REVOKED = "api_key.revoked"
    FOLLOW_CREATED = "follow.created"
    CONSENT_GIVEN = "consent.given"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CHAT_CREATED = "chat.created"
    CHAT_UPDATED = "chat.updated"
    CHAT_REOPENED = "chat.reopened"
    CHAT_ENDED = "chat.ended"
    CHAT_DELETED = "chat.deleted"
    TURN_ENDED = "turn.ended"
    TOOL_CALL_APPROVED = "tool_call.approved"
    TOOL_CALL_DECLINED = "tool_call.declined"
    FLOW_ENDED = "flow.ended"
    MAIL_SENT = "mail.sent"
    MAIL_FAILED = "mail.failed"
    MAIL_SUPPRESSED = "mail.suppressed"


# Kinds of those who act and of what is acted on.
class PartyKind(StrEnum):
    USER = "user"
    OPERATOR = "operator"
    SYSTEM = "system"
    ROLE = "role"
    PERMISSION = "permission"
    CHAT = "chat"
    FLOW = "flow"
    MAIL = "mail"


@dataclass(frozen=True)
class Party:
    """Who acted, or what was acted on. `kind`: a PartyKind, or one that a later release wrote. `id`: a user's id, an
    operator's or a role's name, a workflow id. `key_id`: of the API key that a user acted with.
    """

    kind: str
    id: str
    key_id: str | None = None


SYSTEM = Party(PartyKind.SYSTEM, "decode")


def user_party(user_id: str) -> Party:
    """Return the user with this id as a party."""
    return Party(PartyKind.USER, user_id)


@dataclass(frozen=True)
class Occurrence:
    """One occurrence, not yet numbered. `occurrence_id` (24 hex digits): recording it twice is recording it once.

    `public`: ids and plain facts, which stay when a person is erased. `actor_words`, `subject_words`: what is personal
    to actor and subject (device, network, texts); readable until that person is erased. `request_id`: of the request
    that led to it, where it is written later than by that request.
    """

    occurrence_id: str
    type: OccurrenceType
    at: datetime
    actor: Party | None
    subject: Party | None
    public: Mapping[str, Fact] = field(default_factory=dict)
    actor_words: Mapping[str, Fact] = field(default_factory=dict)
    subject_words: Mapping[str, Fact] = field(default_factory=dict)
    request_id: str | None = None


def derived_id(type: OccurrenceType, *names: str) -> str:
    """Return the id of an occurrence that a repeated step records again (24 hex digits). `names`: what tells it from
    others of its type, none of them chosen by a client.
    """
    return sha256("|".join((type, *names)).encode()).hexdigest()[:24]
