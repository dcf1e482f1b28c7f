"""A user, a session, a chat, a turn with default values. A test replaces only what it is about."""

from datetime import UTC, datetime, timedelta

from domain.assistant.chats import Chat
from domain.assistant.turn_ends import TurnState
from domain.assistant.turns import Turn, TurnMode, Usage
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

CHAT = Chat(
    chat_id="1" * 24,
    user_id=USER.user_id,
    model=None,
    tools=None,
    title=None,
    metadata={},
    turns=0,
    open_turns=0,
    created_at=NOW,
    last_activity_at=NOW,
    disconnected_at=None,
    expires_at=NOW + timedelta(minutes=15),
    ended_reason=None,
    gone_at=None,
)

TURN = Turn(
    turn_id="2" * 24,
    chat_id=CHAT.chat_id,
    user_id=USER.user_id,
    number=1,
    text="hello",
    mode=TurnMode.QUEUE,
    body_hash="a keyed hash",
    state=TurnState.RUNNING,
    attempt=1,
    parts=[],
    rounds=0,
    model=None,
    finish_reason=None,
    failure=None,
    usage=Usage(),
    asked_at=NOW,
    ended_at=None,
    stop_asked_at=None,
)
