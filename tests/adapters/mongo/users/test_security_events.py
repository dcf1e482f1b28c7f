"""Whatever records an event has written the account's document: an erasure at once waits, and then sees the event."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime

import pytest
from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import OperationFailure

from adapters.resources import Resources
from domain.auth.two_factor import SecondFactorProof
from domain.users.security_events import EventKind, EventNotification, SecurityEvent
from tests.support.accounts import make_account
from tests.support.people import SignedIn
from tests.support.sign_ins import new_sign_in

NOW = datetime.now(UTC).replace(microsecond=0)
WRITE_CONFLICT = 112
RECOVERY_CODE = "a recovery code"

Deed = Callable[[Resources, SignedIn], Awaitable[object]]


def event(resources: Resources, someone: SignedIn, kind: EventKind) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, NOW)


async def record_alone(resources: Resources, someone: SignedIn) -> None:
    await resources.users.security_events.record(event(resources, someone, EventKind.ACCOUNT_EXPORTED))


async def end_reused_session(resources: Resources, someone: SignedIn) -> object:
    reused = event(resources, someone, EventKind.SESSION_REUSED)
    return await resources.auth.sessions.revoke(someone.session["_id"], reused)


async def revoke_device(resources: Resources, someone: SignedIn) -> object:
    session = await resources.auth.sessions.find(someone.session["_id"])
    assert session is not None
    return await resources.auth.sessions.revoke_device(
        session.device_id, event(resources, someone, EventKind.DEVICE_REVOKED)
    )


async def disable_second_factor(resources: Resources, someone: SignedIn) -> object:
    return await resources.auth.two_factors.disable(event(resources, someone, EventKind.TWO_FACTOR_DISABLED))


async def use_recovery_code(resources: Resources, someone: SignedIn) -> object:
    use = event(resources, someone, EventKind.RECOVERY_CODE_USED)
    return await resources.auth.two_factors.use(use, SecondFactorProof(recovery_code=RECOVERY_CODE))


async def enable_second_factor(resources: Resources, someone: SignedIn) -> None:
    factors, user_id = resources.auth.two_factors, someone.user["_id"]
    await factors.set_up(user_id, b"a secret of twenty b", NOW)
    pending = await factors.find(user_id)
    assert pending is not None
    codes = [resources.auth.totp.hash_recovery_code(user_id, RECOVERY_CODE)]
    enabled = event(resources, someone, EventKind.TWO_FACTOR_ENABLED)
    assert await factors.enable(enabled, pending, step=1, recovery_hashes=codes)


class ErasingInbox:
    """Tries to delete the account while an event of it is written, and takes nothing. `met`: the codes of refusals."""

    def __init__(self, resources: Resources) -> None:
        self._client = resources.clients.mongo
        self._users = resources.clients.database["users"]
        self.met: list[int | None] = []

    async def put(self, event: SecurityEvent, words: EventNotification, tx: AsyncClientSession) -> bool:
        async with self._client.start_session() as erasure:
            await erasure.start_transaction()
            with pytest.raises(OperationFailure) as refused:
                await self._users.delete_one({"_id": ObjectId(event.user_id)}, session=erasure)
            self.met.append(refused.value.code)
        return True


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A user with a second factor, signed in on a trusted device."""
    someone = await make_account(resources)
    await enable_second_factor(resources, someone)
    return someone


DEEDS: Sequence[Deed] = (
    record_alone,
    end_reused_session,
    revoke_device,
    disable_second_factor,
    use_recovery_code,
)


@pytest.mark.parametrize("deed", DEEDS)
async def test_account_is_not_erased_while_an_event_of_it_is_written(
    resources: Resources, someone: SignedIn, monkeypatch: pytest.MonkeyPatch, deed: Deed
) -> None:
    erasing = ErasingInbox(resources)
    monkeypatch.setattr(resources.users.security_events, "_inbox", erasing)

    await deed(resources, someone)

    assert erasing.met == [WRITE_CONFLICT]


async def test_account_is_not_erased_while_a_session_is_opened(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone = await make_account(resources)
    erasing = ErasingInbox(resources)
    monkeypatch.setattr(resources.users.security_events, "_inbox", erasing)

    await resources.auth.sign_ins.open(await new_sign_in(resources, someone, NOW))

    assert erasing.met == [WRITE_CONFLICT]
