"""Many users with sessions, written directly to MongoDB: registrations would take longer than the measurement."""

from dataclasses import replace
from datetime import UTC, datetime

from bson import ObjectId

from adapters.resources import Resources
from domain.users.users import Role
from tests.support.builders import SESSION


async def seed_sessions(resources: Resources, number: int) -> dict[str, str]:
    """Write `number` new users with sessions. Returns an access token by user id."""
    now, ids = datetime.now(UTC), [ObjectId() for _ in range(number)]
    await resources.clients.database["users"].insert_many([_user(user_id, now) for user_id in ids])
    sessions = [ObjectId() for _ in ids]
    documents = [_session(session, user, now) for session, user in zip(sessions, ids, strict=True)]
    await resources.clients.database["sessions"].insert_many(documents)
    pairs = zip(sessions, ids, strict=True)
    return {str(user): _token(resources, str(session), str(user), now) for session, user in pairs}


def _user(user_id: ObjectId, now: datetime) -> dict[str, object]:
    name = f"crowd_{user_id}"[:30]
    return {
        "_id": user_id,
        **{"username": name, "username_key": name, "email": f"{name}@people.test", "email_key": f"{name}@people.test"},
        **{"password_hashed": "", "display_name": name, "bio": "", "avatar_ipfs_hash": None, "role": Role.USER},
        **{"is_active": True, "last_login": None, "session_epoch": 0, "profile_version": 1, "synced_version": 1},
        **{"assistant_consent_at": now, "createdAt": now, "updatedAt": now},
    }


def _session(session_id: ObjectId, user_id: ObjectId, now: datetime) -> dict[str, object]:
    return {
        **{"_id": session_id, "user_id": user_id, "username": "crowd", "role": Role.USER, "app": "bench"},
        **{"device_fingerprint_id": ObjectId(), "generation": 1, "rotated_at": now, "confirmed_at": now},
        **{"auth_strength": ["pwd"], "stepped_up_at": now, "stepped_up_by": "pwd", "epoch": 0, "is_active": True},
        **{"expires_at": now.replace(year=now.year + 1), "last_used_at": now, "createdAt": now, "updatedAt": now},
    }


def _token(resources: Resources, session_id: str, user_id: str, now: datetime) -> str:
    return resources.auth.access_tokens.mint(replace(SESSION, session_id=session_id, user_id=user_id, epoch=0), now)
