"""Produces each outcome of a registration."""

from collections.abc import Mapping

from domain.accounts.registration import AccountCreationOutcome
from tests.replay.scene import (
    A_MINUTE,
    CODE_LIFETIME,
    FIVE_QUIET_TRIES,
    Outcome,
    Scene,
    ended,
    in_one_workflow,
    with_end_recorded,
)
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.registration import PHONE
from tests.workflows.fakes.failures import MONGO_AWAY, SMTP_AWAY
from tests.workflows.fakes.registration import account_of


async def completed(scene: Scene) -> str:
    await scene.newcomer.starts()
    await scene.newcomer.types(WRONG)
    await scene.newcomer.types(scene.newcomer.code())
    return await ended(scene.newcomer)


async def completed_with_session(scene: Scene) -> str:
    await scene.newcomer.starts()
    await scene.newcomer.types(scene.newcomer.code(), PHONE)
    return await ended(scene.newcomer)


async def completed_after_resend(scene: Scene) -> str:
    await scene.newcomer.starts()
    await scene.newcomer.waits_and_requests_resend(A_MINUTE)
    await scene.newcomer.types(scene.newcomer.code(issue_no=1))
    await scene.newcomer.types(scene.newcomer.code(issue_no=2))
    return await ended(scene.newcomer)


async def expired(scene: Scene) -> str:
    await scene.newcomer.starts()
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.newcomer)


async def locked(scene: Scene) -> str:
    await scene.newcomer.starts()
    await scene.newcomer.types_wrong(times=5)
    return await ended(scene.newcomer)


async def cancelled(scene: Scene) -> str:
    await scene.newcomer.starts()
    await scene.newcomer.cancels()
    return await ended(scene.newcomer)


async def username_taken(scene: Scene) -> str:
    scene.fakes.registration.hold.always_returns(lambda _: False)
    await scene.newcomer.starts()
    return await ended(scene.newcomer)


async def username_lost(scene: Scene) -> str:
    scene.fakes.registration.create.always_returns(
        lambda create: account_of(create, AccountCreationOutcome.USERNAME_TAKEN)
    )
    await scene.newcomer.starts()
    await scene.newcomer.types(scene.newcomer.code())
    return await ended(scene.newcomer)


async def address_lost(scene: Scene) -> str:
    scene.fakes.registration.create.always_returns(
        lambda create: account_of(create, AccountCreationOutcome.EMAIL_TAKEN)
    )
    await scene.newcomer.starts()
    await scene.newcomer.types(scene.newcomer.code())
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.newcomer)


async def known_address(scene: Scene) -> str:
    scene.newcomer.is_known = True
    await scene.newcomer.starts()
    await scene.newcomer.types(scene.newcomer.code())
    await scene.newcomer.waits_and_requests_resend(A_MINUTE)
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.newcomer)


async def blocked_and_recovered(scene: Scene) -> str:
    await scene.newcomer.starts()
    scene.fakes.registration.create.fail(MONGO_AWAY, times=12)
    typing = await scene.newcomer.begins_to_type(scene.newcomer.code())
    await scene.clock.advance(FIVE_QUIET_TRIES)
    assert await scene.newcomer.blocked_on() == "mongo"
    await scene.clock.advance_until(typing.result())
    return await ended(scene.newcomer)


async def network_full(scene: Scene) -> str:
    scene.newcomer.address_key = "a-network"
    scene.fakes.registration.slot.always_returns(lambda _: False)
    await scene.newcomer.starts()
    return await ended(scene.newcomer)


async def completed_from_network(scene: Scene) -> str:
    scene.newcomer.address_key = "a-network"
    await scene.newcomer.starts()
    await scene.newcomer.types(scene.newcomer.code())
    return await ended(scene.newcomer)


async def mails_handed_over(scene: Scene) -> str:
    scene.fakes.mail.sent.always_fail(SMTP_AWAY)
    await scene.newcomer.starts()
    await scene.newcomer.types(scene.newcomer.code())
    return await ended(scene.newcomer)


OUTCOMES: Mapping[str, Outcome] = {
    "registration-completed": completed,
    "registration-completed-with-session": completed_with_session,
    "registration-completed-after-resend": completed_after_resend,
    "registration-completed-from-network": completed_from_network,
    "registration-expired": expired,
    "registration-locked": locked,
    "registration-cancelled": cancelled,
    "registration-username-taken": username_taken,
    "registration-username-lost": username_lost,
    "registration-address-lost": address_lost,
    "registration-known-address": known_address,
    "registration-network-full": network_full,
    "registration-blocked-and-recovered": blocked_and_recovered,
}
REGISTRATIONS: Mapping[str, Outcome] = {
    **OUTCOMES,
    **in_one_workflow(OUTCOMES),
    **with_end_recorded(OUTCOMES, "registration-expired", "registration-username-taken"),
    "registration-mails-handed-over": mails_handed_over,
}
