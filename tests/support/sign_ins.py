"""Sign-ins on a device that the user has, up to the write."""

from datetime import datetime

from adapters.resources import Resources
from domain.auth.sessions import NewSession, new_session
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.people import SignedIn


async def new_sign_in(resources: Resources, someone: SignedIn, at: datetime) -> NewSession:
    """Return a session, not opened yet, on the device of the one that the user has."""
    found = await resources.auth.sessions.find_with_device(someone.session["_id"])
    assert found is not None
    session, user, device = found
    return new_session(
        SecurityEvent(resources.hashes.new_object_id(), user.user_id, EventKind.SIGNED_IN, at),
        device.info,
        session_id=resources.hashes.new_object_id(),
        username=user.username,
        role=user.role,
        device_id=device.device_id,
        app="decode",
        auth_strength=session.auth_strength,
        epoch=user.session_epoch,
        trusts_device=False,
    )
