"""The opening of a session: done twice it is done once, and it reads the account as it is at that moment."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession

from adapters.mongo.auth.password_hashes import PasswordStore
from adapters.mongo.auth.sign_in import SignInStore
from adapters.mongo.client import Document
from adapters.resources import Resources
from domain.auth.sessions import NewSession, OpeningOutcome, Session, SessionOpening
from domain.auth.wallets import Wallet
from domain.users.security_events import EventKind, SecurityEvent
from domain.users.users import Role
from tests.adapters.mongo.auth.conftest import DEVICE
from tests.support.people import SignedIn

NOW = datetime.now(UTC).replace(microsecond=0)
Deed = Callable[[], Awaitable[object]]
MISSING = SessionOpening(OpeningOutcome.SECOND_FACTOR_MISSING)


class InterruptedSignIn(SignInStore):
    """After the transaction has begun to read, and before it writes, `meanwhile` is done, the first time."""

    def __init__(self, resources: Resources, meanwhile: Deed) -> None:
        super().__init__(resources.clients.mongo, resources.clients.database, resources.users.security_events)
        self._meanwhile = [meanwhile]

    async def _open(self, tx: AsyncClientSession, opening: NewSession) -> SessionOpening:
        await self._users.find_one({}, session=tx)
        while self._meanwhile:
            await self._meanwhile.pop()()
        return await super()._open(tx, opening)


class InterruptedReset(PasswordStore):
    """The same for a reset of the password."""

    def __init__(self, resources: Resources, meanwhile: Deed) -> None:
        super().__init__(
            resources.clients.mongo,
            resources.clients.database,
            resources.users.security_events,
            resources.auth.sessions,
        )
        self._meanwhile = [meanwhile]

    async def _set(self, tx: AsyncClientSession, event: SecurityEvent, account: Document, password_hashed: str) -> bool:
        while self._meanwhile:
            await self._meanwhile.pop()()
        return await super()._set(tx, event, account, password_hashed)


def event(resources: Resources, user_id: str, kind: EventKind) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), user_id, kind, NOW)


async def enable_second_factor(resources: Resources, user_id: str) -> None:
    factors = resources.auth.two_factors
    await factors.set_up(user_id, b"a secret of twenty b", NOW)
    pending = await factors.find(user_id)
    assert pending is not None
    happened = event(resources, user_id, EventKind.TWO_FACTOR_ENABLED)
    assert await factors.enable(happened, pending, step=1, recovery_hashes=[])


async def linked_wallet(resources: Resources, user_id: str) -> str:
    address = f"0x{resources.hashes.new_object_id():0>40}"
    wallet = Wallet(resources.hashes.new_object_id(), address, user_id, 1, NOW)
    await resources.auth.wallets.link(wallet, event(resources, user_id, EventKind.WALLET_LINKED))
    return address


async def stored(resources: Resources, session: Session) -> dict[str, Any]:
    document = await resources.clients.database["sessions"].find_one({"_id": ObjectId(session.session_id)})
    assert document is not None
    return document


async def test_session_is_read_as_it_was_opened(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sign_ins.open(opening)

    found = await resources.auth.sessions.find_with_user(session.session_id)

    assert found is not None
    assert found[0] == session


async def test_opening_twice_is_opening_once(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sign_ins.open(opening)
    before = await stored(resources, session)

    await resources.auth.sign_ins.open(replace(opening, session=replace(session, app="other")))

    assert await stored(resources, session) == before


async def test_opening_again_does_not_revive_a_revoked_session(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sign_ins.open(opening)
    await resources.auth.sessions.end(session.session_id, datetime.now(UTC))

    await resources.auth.sign_ins.open(opening)

    assert (await stored(resources, session))["is_active"] is False


async def test_second_session_on_a_device_finds_the_device(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    second = replace(session, session_id=resources.hashes.new_object_id())
    await resources.auth.sign_ins.open(opening)

    await resources.auth.sign_ins.open(replace(opening, session=second, device=replace(DEVICE, browser="Firefox 146")))

    devices = resources.clients.database["device_fingerprints"]
    (device,) = await devices.find(
        {"fingerprint_hashed": DEVICE.fingerprint, "user_id": ObjectId(session.user_id)}
    ).to_list()
    assert (str(device["_id"]), device["browser"]) == (session.device_id, "Firefox 146")


async def test_refused_opening_is_no_login(resources: Resources, opening: NewSession, session: Session) -> None:
    before = await resources.users.users.find(session.user_id)

    refused = await resources.auth.sign_ins.open(replace(opening, trusts_device=False))

    assert refused == SessionOpening(OpeningOutcome.GONE)
    assert await resources.users.users.find(session.user_id) == before


@pytest.mark.defect(87)
async def test_opening_is_the_last_login(resources: Resources, opening: NewSession, session: Session) -> None:
    await resources.auth.sign_ins.open(opening)

    user = await resources.users.users.find(session.user_id)

    assert user is not None
    assert user.last_login == session.created_at


async def test_session_opened_before_is_returned_whatever_the_account_is_by_now(
    resources: Resources, opening: NewSession, session: Session
) -> None:
    await resources.auth.sign_ins.open(opening)
    await enable_second_factor(resources, session.user_id)
    await resources.auth.sessions.revoke_all(event(resources, session.user_id, EventKind.SESSIONS_REVOKED))

    again = await resources.auth.sign_ins.open(opening)

    assert again.session is not None
    assert (again.session.session_id, again.session.is_active) == (session.session_id, False)


async def test_session_has_username_and_role_of_the_account(
    resources: Resources, someone: SignedIn, opening: NewSession, session: Session
) -> None:
    old = replace(session, username="a_former_name", role=Role.ADMIN)

    opened = await resources.auth.sign_ins.open(replace(opening, session=old))

    assert opened.session == session
    assert (await stored(resources, session))["username"] == someone.person.username


async def test_second_factor_that_was_not_proved_is_missing(resources: Resources, opening: NewSession) -> None:
    before = await resources.users.users.find(opening.session.user_id)
    await enable_second_factor(resources, opening.session.user_id)

    assert await resources.auth.sign_ins.open(opening) == MISSING

    assert await resources.auth.sessions.find(opening.session.session_id) is None
    after = await resources.users.users.find(opening.session.user_id)
    assert before is not None
    assert after is not None
    assert after.last_login == before.last_login


async def test_second_factor_enabled_while_the_session_is_opened_is_missing(
    resources: Resources, opening: NewSession
) -> None:
    sign_ins = InterruptedSignIn(resources, lambda: enable_second_factor(resources, opening.session.user_id))

    assert await sign_ins.open(opening) == MISSING


async def test_second_factor_enabled_while_the_password_is_reset_prevents_it(
    resources: Resources, someone: SignedIn
) -> None:
    user_id = someone.user["_id"]
    passwords = InterruptedReset(resources, lambda: enable_second_factor(resources, user_id))
    happened = event(resources, user_id, EventKind.PASSWORD_RESET)

    is_reset = await passwords.reset(
        happened, "a hash", email_address=someone.person.email, epoch=0, has_second_factor=False
    )

    assert is_reset is False
    assert await passwords.find(user_id) != "a hash"


async def test_role_taken_away_while_the_session_is_opened_is_not_in_it(
    resources: Resources, opening: NewSession
) -> None:
    happened = event(resources, opening.session.user_id, EventKind.ROLE_CHANGED)
    sign_ins = InterruptedSignIn(resources, lambda: resources.users.roles.change(happened, Role.MODERATOR, author=None))

    opened = await sign_ins.open(opening)

    assert opened.session is not None
    assert opened.session.role is Role.MODERATOR


async def test_wallet_unlinked_while_the_session_is_opened_opens_none(
    resources: Resources, opening: NewSession
) -> None:
    user_id = opening.session.user_id
    address = await linked_wallet(resources, user_id)
    happened = event(resources, user_id, EventKind.WALLET_UNLINKED)
    sign_ins = InterruptedSignIn(resources, lambda: resources.auth.wallets.unlink(address, happened))

    opened = await sign_ins.open(replace(opening, wallet_address=address))

    assert opened == SessionOpening(OpeningOutcome.WALLET_UNLINKED)


async def test_end_of_all_sessions_while_one_is_opened_opens_none(
    resources: Resources, someone: SignedIn, opening: NewSession
) -> None:
    happened, kept = event(resources, opening.session.user_id, EventKind.SESSIONS_REVOKED), someone.session["_id"]
    sign_ins = InterruptedSignIn(resources, lambda: resources.auth.sessions.revoke_all(happened, keep=kept))

    assert await sign_ins.open(opening) == SessionOpening(OpeningOutcome.GONE)
