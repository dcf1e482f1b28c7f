"""A user and a session with default values. A test replaces only what it is about."""

from datetime import UTC, datetime, timedelta

from domain.auth.api_keys import ApiKey
from domain.auth.devices import DeviceInfo
from domain.auth.sessions import AuthStrength, Session, new_session
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role, User

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

USER = User(
    user_id="0123456789abcdef01234567",
    username="alice",
    email_address="alice@example.com",
    display_name="Alice",
    bio="",
    avatar_ipfs_hash=None,
    role=Role.USER,
    is_active=True,
    session_epoch=3,
    last_login=None,
    created_at=NOW,
    updated_at=NOW,
)

SESSION: Session = new_session(
    SecurityEvent("0" * 24, USER.user_id, EventKind.SIGNED_IN, NOW),
    DeviceInfo("a-fingerprint", "Firefox", "Laptop"),
    session_id="abcdef0123456789abcdef01",
    username=USER.username,
    role=USER.role,
    device_id="fedcba9876543210fedcba98",
    app="decode",
    auth_strength=(AuthStrength.PASSWORD,),
    epoch=USER.session_epoch,
    trusts_device=False,
).session

API_KEY = ApiKey(
    key_id="0" * 24,
    user_id=USER.user_id,
    name="report",
    prefix="dk_test_4fGh2LmN8pQr",
    scopes=["notifications:read", "profile:read"],
    secrets=[],
    limit=None,
    networks=[],
    epoch=USER.session_epoch,
    expires_at=USER.created_at + timedelta(days=1),
    created_at=USER.created_at,
)
