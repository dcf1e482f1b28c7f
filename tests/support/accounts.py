"""Accounts created directly in the stores, for tests of other subjects than registration."""

from datetime import UTC, datetime
from functools import cache

from argon2 import PasswordHasher

from adapters.resources import Resources
from api.auth.tokens import SessionTokenIssuer
from api.users.schemas.users import Profile
from domain.accounts.registration import AccountCreationOutcome
from domain.auth.devices import DeviceInfo
from domain.auth.sessions import AuthStrength, NewSession, new_session
from domain.username import username_key
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import NewUser, Role
from tests.support.people import Person, SignedIn, new_person


async def make_account(resources: Resources, person: Person | None = None, *, is_in_graph: bool = True) -> SignedIn:
    """A user with an account, a trusted device and a session on it. There is no flow.

    Their node is in the graph; otherwise the sync is still pending, as when a registration has just answered.
    """
    person = person or new_person()
    user_id, now = resources.hashes.new_object_id(), datetime.now(UTC)
    first = _opening(resources, person, user_id, now)
    created = await resources.accounts.registrations.create_user(
        NewUser(user_id, person.username, person.email, hash_of(person.password), now),
        first.event,
        hold_key=resources.hashes.username_hold_key(username_key(person.username)),
        workflow_id=user_id,
        first_session=first,
    )
    assert created is AccountCreationOutcome.CREATED
    if is_in_graph:
        await _bring_into_graph(resources, user_id)
    return await _signed_in(resources, person, first.session.session_id)


async def make_unknown(resources: Resources, person: Person | None = None) -> SignedIn:
    """A person with an account whom the graph does not know, nor is owed: the sweep leaves them so."""
    someone = await make_account(resources, person, is_in_graph=False)
    assert await resources.users.users.mark_synced(someone.user["_id"], 1)
    return someone


@cache
def hash_of(password: str) -> str:
    """Each password is hashed once a run."""
    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(password)


async def _bring_into_graph(resources: Resources, user_id: str) -> None:
    """What GraphSync does. Left to the sweep, it would take a workflow, ten times as much work."""
    user = await resources.users.users.find_graph_user(user_id)
    assert user is not None
    await resources.users.nodes.put(user)
    assert await resources.users.users.mark_synced(user_id, user.profile_version)


def _opening(resources: Resources, person: Person, user_id: str, now: datetime) -> NewSession:
    fingerprint = resources.hashes.fingerprint_hash(user_id, person.fingerprint)
    return new_session(
        SecurityEvent(resources.hashes.new_object_id(), user_id, EventKind.REGISTERED, now),
        DeviceInfo(fingerprint, "Firefox 145", "Linux"),
        session_id=resources.hashes.new_object_id(),
        username=person.username,
        role=Role.USER,
        device_id=resources.hashes.derive_object_id(user_id, f"device|{fingerprint}"),
        app="decode",
        auth_strength=(AuthStrength.PASSWORD,),
        epoch=0,
        trusts_device=True,
    )


async def _signed_in(resources: Resources, person: Person, session_id: str) -> SignedIn:
    found = await resources.auth.sessions.find_with_user(session_id)
    assert found is not None
    session, user = found
    view = SessionTokenIssuer(resources.auth.session_tokens, resources.auth.access_tokens).issue(
        session, session.created_at
    )
    return SignedIn(person, "", Profile.of(user).model_dump(mode="json"), view.model_dump(mode="json"))
