"""A session that is not opened yet, of an account that was just made."""

from datetime import UTC, datetime

import pytest

from adapters.resources import Resources
from domain.auth.devices import DeviceInfo
from domain.auth.sessions import AuthStrength, NewSession, Session, new_session
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role
from tests.support.accounts import make_account
from tests.support.people import SignedIn

DEVICE = DeviceInfo("a keyed hash", "Firefox 145", "Linux")


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    return await make_account(resources)


@pytest.fixture
def opening(someone: SignedIn, resources: Resources) -> NewSession:
    """A session on a device just proved, not opened yet."""
    now = datetime.now(UTC).replace(microsecond=0)
    return new_session(
        SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], EventKind.SIGNED_IN, now),
        DEVICE,
        session_id=resources.hashes.new_object_id(),
        username=someone.person.username,
        role=Role.USER,
        device_id=resources.hashes.new_object_id(),
        app="decode",
        auth_strength=(AuthStrength.PASSWORD,),
        epoch=0,
        trusts_device=True,
    )


@pytest.fixture
def session(opening: NewSession) -> Session:
    return opening.session
