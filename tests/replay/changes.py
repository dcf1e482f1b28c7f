"""Produces each outcome of a change of name or address, and of a revert."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from activities.accounts.email_change import ApplyEmailChange, EmailChangeApplied
from activities.accounts.email_revert import EmailReverted, RevertEmail
from activities.delivery.mail import MailInput
from domain.accounts.identifier_changes import ChangeOutcome, ChangeStarted
from domain.delivery.mail import MailKind
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
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.fakes.identifier_changes import email_change_applied, email_reverted

TAKEN_MAIL = MailInput("address-taken.bob.20260102", MailKind.ADDRESS_TAKEN, "bob@people.test")
OTHER = "email-change/another"


async def renamed(scene: Scene) -> str:
    await scene.renamer.starts()
    await scene.renamer.types(WRONG)
    await scene.renamer.types(scene.renamer.code())
    return await ended(scene.renamer)


async def renamed_in_place_of_another(scene: Scene) -> str:
    scene.fakes.username_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.DONE, OTHER))
    return await renamed(scene)


async def name_taken(scene: Scene) -> str:
    scene.fakes.username_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.TAKEN))
    await scene.renamer.starts()
    return await ended(scene.renamer)


async def name_lost(scene: Scene) -> str:
    scene.fakes.username_change.applied.always_returns(lambda _: ChangeOutcome.TAKEN)
    await scene.renamer.starts()
    await scene.renamer.types(scene.renamer.code())
    return await ended(scene.renamer)


async def name_never_begun(scene: Scene) -> str:
    scene.fakes.username_change.started.always_fail(MONGO_REFUSES)
    await scene.renamer.starts()
    return await ended(scene.renamer)


async def rename_expired(scene: Scene) -> str:
    await scene.renamer.starts()
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.renamer)


async def rename_locked(scene: Scene) -> str:
    await scene.renamer.starts()
    await scene.renamer.types_wrong(times=5)
    return await ended(scene.renamer)


async def rename_cancelled(scene: Scene) -> str:
    await scene.renamer.starts()
    await scene.renamer.cancels()
    return await ended(scene.renamer)


async def rename_superseded(scene: Scene) -> str:
    await scene.renamer.starts()
    await scene.renamer.is_superseded()
    return await ended(scene.renamer)


async def rename_blocked_and_recovered(scene: Scene) -> str:
    await scene.renamer.starts()
    scene.fakes.username_change.applied.fail(MONGO_AWAY, times=12)
    typing = await scene.renamer.begins_to_type(scene.renamer.code())
    await scene.clock.advance(FIVE_QUIET_TRIES)
    assert await scene.renamer.blocked_on() == "mongo"
    await scene.clock.advance_until(typing.result())
    return await ended(scene.renamer)


async def moved(scene: Scene) -> str:
    await scene.mover.starts()
    await scene.mover.types(WRONG)
    await scene.mover.types(scene.mover.code())
    await scene.mover.enters_new_email()
    await scene.mover.types_new(WRONG)
    await scene.mover.types_new(scene.mover.new_code())
    return await ended(scene.mover)


async def moved_in_place_of_another(scene: Scene) -> str:
    scene.fakes.email_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.DONE, OTHER))
    return await moved(scene)


async def moved_to_second_choice(scene: Scene) -> str:
    await scene.mover.has_entered_new_email()
    await scene.mover.enters_new_email("ann@third.test")
    await scene.mover.waits_and_enters_new_email(A_MINUTE, "ann@third.test")
    await scene.mover.types_new(scene.mover.new_code(issue_no=1))
    await scene.mover.types_new(scene.mover.new_code(issue_no=2))
    return await ended(scene.mover)


async def address_taken(scene: Scene) -> str:
    scene.fakes.email_change.holder_found.always_returns(lambda _: TAKEN_MAIL)
    await scene.mover.has_entered_new_email()
    await scene.mover.types_new(scene.mover.new_code())
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.mover)


async def address_lost(scene: Scene) -> str:
    scene.fakes.email_change.applied.always_returns(lambda ask: email_change_applied(ask, ChangeOutcome.TAKEN))
    await scene.mover.has_entered_new_email()
    await scene.mover.types_new(scene.mover.new_code())
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.mover)


async def signed_out(scene: Scene) -> str:
    scene.fakes.email_change.applied.always_returns(lambda ask: email_change_applied(ask, ChangeOutcome.SIGNED_OUT))
    await scene.mover.has_entered_new_email()
    await scene.mover.types_new(scene.mover.new_code())
    return await ended(scene.mover)


async def barred(scene: Scene) -> str:
    scene.fakes.email_change.started.always_returns(lambda _: ChangeStarted(ChangeOutcome.BARRED))
    await scene.mover.starts()
    return await ended(scene.mover)


async def move_never_begun(scene: Scene) -> str:
    scene.fakes.email_change.started.always_fail(MONGO_REFUSES)
    await scene.mover.starts()
    return await ended(scene.mover)


async def move_expired(scene: Scene) -> str:
    await scene.mover.starts()
    await scene.mover.types(scene.mover.code())
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.mover)


async def move_locked(scene: Scene) -> str:
    await scene.mover.starts()
    await scene.mover.types_wrong(times=5)
    return await ended(scene.mover)


async def move_cancelled(scene: Scene) -> str:
    await scene.mover.has_entered_new_email()
    await scene.mover.cancels()
    return await ended(scene.mover)


async def move_superseded(scene: Scene) -> str:
    await scene.mover.has_entered_new_email()
    await scene.mover.is_superseded()
    return await ended(scene.mover)


async def move_blocked_and_recovered(scene: Scene) -> str:
    await scene.mover.has_entered_new_email()
    scene.fakes.email_change.applied.fail(MONGO_AWAY, times=12)
    scene.fakes.email_change.applied.always_returns(_swapped_in_vain)
    typing = await scene.mover.begins_to_type_new(scene.mover.new_code())
    await scene.clock.advance(FIVE_QUIET_TRIES)
    assert await scene.mover.blocked_on() == "mongo"
    await scene.clock.advance_until(typing.result())
    return await ended(scene.mover)


async def taken_back(scene: Scene) -> str:
    await scene.regretter.starts()
    await scene.regretter.types(WRONG)
    await scene.regretter.types(scene.regretter.code())
    return await ended(scene.regretter)


async def taken_back_with_later_ones(scene: Scene) -> str:
    scene.fakes.email_revert.reverted.always_returns(_closing_another)
    return await taken_back(scene)


async def not_taken_back(scene: Scene) -> str:
    await scene.regretter.starts()
    await scene.clock.advance(timedelta(days=7, seconds=1))
    return await ended(scene.regretter)


async def revert_locked(scene: Scene) -> str:
    await scene.regretter.starts()
    await scene.regretter.types_wrong(times=5)
    return await ended(scene.regretter)


async def revert_superseded(scene: Scene) -> str:
    await scene.regretter.starts()
    await scene.regretter.is_superseded()
    return await ended(scene.regretter)


async def revert_lost(scene: Scene) -> str:
    scene.fakes.email_revert.reverted.always_returns(lambda _: EmailReverted(ChangeOutcome.TAKEN))
    await scene.regretter.starts()
    await scene.regretter.types(scene.regretter.code())
    return await ended(scene.regretter)


async def revert_blocked_and_recovered(scene: Scene) -> str:
    await scene.regretter.starts()
    scene.fakes.email_revert.reverted.fail(MONGO_AWAY, times=12)
    typing = await scene.regretter.begins_to_type(scene.regretter.code())
    await scene.clock.advance(FIVE_QUIET_TRIES)
    assert await scene.regretter.blocked_on() == "mongo"
    await scene.clock.advance_until(typing.result())
    return await ended(scene.regretter)


OUTCOMES: Mapping[str, Outcome] = {
    "username-change-completed": renamed,
    "username-change-completed-in-place-of-another": renamed_in_place_of_another,
    "username-change-name-taken": name_taken,
    "username-change-name-lost": name_lost,
    "username-change-never-begun": name_never_begun,
    "username-change-expired": rename_expired,
    "username-change-locked": rename_locked,
    "username-change-cancelled": rename_cancelled,
    "username-change-superseded": rename_superseded,
    "username-change-blocked-and-recovered": rename_blocked_and_recovered,
    "email-change-completed": moved,
    "email-change-completed-in-place-of-another": moved_in_place_of_another,
    "email-change-completed-with-second-choice": moved_to_second_choice,
    "email-change-address-taken": address_taken,
    "email-change-address-lost": address_lost,
    "email-change-signed-out": signed_out,
    "email-change-barred": barred,
    "email-change-never-begun": move_never_begun,
    "email-change-expired": move_expired,
    "email-change-locked": move_locked,
    "email-change-cancelled": move_cancelled,
    "email-change-superseded": move_superseded,
    "email-change-blocked-and-recovered": move_blocked_and_recovered,
    "email-revert-completed": taken_back,
    "email-revert-completed-with-later-ones": taken_back_with_later_ones,
    "email-revert-expired": not_taken_back,
    "email-revert-locked": revert_locked,
    "email-revert-superseded": revert_superseded,
    "email-revert-failed": revert_lost,
    "email-revert-blocked-and-recovered": revert_blocked_and_recovered,
}
CHANGES: Mapping[str, Outcome] = {
    **OUTCOMES,
    **in_one_workflow(OUTCOMES),
    **with_end_recorded(OUTCOMES, "username-change-superseded", "email-change-cancelled", "email-revert-expired"),
}


def _swapped_in_vain(ask: ApplyEmailChange) -> EmailChangeApplied:
    """Cancelled: a revert flow would outlive the change, and this server's clock would stop skipping."""
    return email_change_applied(ask, ChangeOutcome.GONE)


def _closing_another(ask: RevertEmail) -> EmailReverted:
    return replace(email_reverted(ask), closed=[OTHER])
