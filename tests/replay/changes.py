"""How each outcome of a change of name or address comes about, and of taking an address back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from activities.accounts.email_change import AddressSwapped, SwapAddress
from activities.accounts.email_revert import AddressReverted, RevertAddress
from activities.delivery.mail import MailOrder
from domain.accounts.identifier_changes import Begun, ChangeOutcome
from domain.delivery.mail import MailKind
from tests.replay.scene import A_MINUTE, FIVE_QUIET_TRIES, TEN_MINUTES, Outcome, Scene, ended
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.fakes.failures import MONGO_AWAY, MONGO_REFUSES
from tests.workflows.fakes.identifier_changes import reverted, swapped

TAKEN_MAIL = MailOrder("address-taken.bob.20260102", MailKind.ADDRESS_TAKEN, "bob@people.test")
OTHER = "email-change/another"


async def renamed(scene: Scene) -> str:
    await scene.renamer.asks()
    await scene.renamer.types(WRONG)
    await scene.renamer.types(scene.renamer.code())
    return await ended(scene.renamer)


async def renamed_in_place_of_another(scene: Scene) -> str:
    scene.fakes.username_change.begun.always_answers(lambda _: Begun(ChangeOutcome.DONE, OTHER))
    return await renamed(scene)


async def name_taken(scene: Scene) -> str:
    scene.fakes.username_change.begun.always_answers(lambda _: Begun(ChangeOutcome.TAKEN))
    await scene.renamer.asks()
    return await ended(scene.renamer)


async def name_lost(scene: Scene) -> str:
    scene.fakes.username_change.swapped.always_answers(lambda _: ChangeOutcome.TAKEN)
    await scene.renamer.asks()
    await scene.renamer.types(scene.renamer.code())
    return await ended(scene.renamer)


async def name_never_begun(scene: Scene) -> str:
    scene.fakes.username_change.begun.always_fails(MONGO_REFUSES)
    await scene.renamer.asks()
    return await ended(scene.renamer)


async def rename_expired(scene: Scene) -> str:
    await scene.renamer.asks()
    await scene.clock.passes(TEN_MINUTES)
    return await ended(scene.renamer)


async def rename_locked(scene: Scene) -> str:
    await scene.renamer.asks()
    await scene.renamer.types_wrong(times=5)
    return await ended(scene.renamer)


async def rename_cancelled(scene: Scene) -> str:
    await scene.renamer.asks()
    await scene.renamer.cancels()
    return await ended(scene.renamer)


async def rename_superseded(scene: Scene) -> str:
    await scene.renamer.asks()
    await scene.renamer.is_superseded()
    return await ended(scene.renamer)


async def rename_blocked_and_recovered(scene: Scene) -> str:
    await scene.renamer.asks()
    scene.fakes.username_change.swapped.fails(MONGO_AWAY, times=12)
    typing = await scene.renamer.begins_to_type(scene.renamer.code())
    await scene.clock.passes(FIVE_QUIET_TRIES)
    assert await scene.renamer.blocked_on() == "mongo"
    await scene.clock.until(typing.result())
    return await ended(scene.renamer)


async def moved(scene: Scene) -> str:
    await scene.mover.asks()
    await scene.mover.types(WRONG)
    await scene.mover.types(scene.mover.code())
    await scene.mover.names()
    await scene.mover.types_new(WRONG)
    await scene.mover.types_new(scene.mover.new_code())
    return await ended(scene.mover)


async def moved_in_place_of_another(scene: Scene) -> str:
    scene.fakes.email_change.begun.always_answers(lambda _: Begun(ChangeOutcome.DONE, OTHER))
    return await moved(scene)


async def moved_to_second_choice(scene: Scene) -> str:
    await scene.mover.has_named()
    await scene.mover.names("ann@third.test")
    await scene.mover.waits_and_names(A_MINUTE, "ann@third.test")
    await scene.mover.types_new(scene.mover.new_code(issue_no=1))
    await scene.mover.types_new(scene.mover.new_code(issue_no=2))
    return await ended(scene.mover)


async def address_taken(scene: Scene) -> str:
    scene.fakes.email_change.looked_up.always_answers(lambda _: TAKEN_MAIL)
    await scene.mover.has_named()
    await scene.mover.types_new(scene.mover.new_code())
    await scene.clock.passes(TEN_MINUTES)
    return await ended(scene.mover)


async def address_lost(scene: Scene) -> str:
    scene.fakes.email_change.swapped.always_answers(lambda ask: swapped(ask, ChangeOutcome.TAKEN))
    await scene.mover.has_named()
    await scene.mover.types_new(scene.mover.new_code())
    await scene.clock.passes(TEN_MINUTES)
    return await ended(scene.mover)


async def signed_out(scene: Scene) -> str:
    scene.fakes.email_change.swapped.always_answers(lambda ask: swapped(ask, ChangeOutcome.SIGNED_OUT))
    await scene.mover.has_named()
    await scene.mover.types_new(scene.mover.new_code())
    return await ended(scene.mover)


async def barred(scene: Scene) -> str:
    scene.fakes.email_change.begun.always_answers(lambda _: Begun(ChangeOutcome.BARRED))
    await scene.mover.asks()
    return await ended(scene.mover)


async def move_never_begun(scene: Scene) -> str:
    scene.fakes.email_change.begun.always_fails(MONGO_REFUSES)
    await scene.mover.asks()
    return await ended(scene.mover)


async def move_expired(scene: Scene) -> str:
    await scene.mover.asks()
    await scene.mover.types(scene.mover.code())
    await scene.clock.passes(TEN_MINUTES)
    return await ended(scene.mover)


async def move_locked(scene: Scene) -> str:
    await scene.mover.asks()
    await scene.mover.types_wrong(times=5)
    return await ended(scene.mover)


async def move_cancelled(scene: Scene) -> str:
    await scene.mover.has_named()
    await scene.mover.cancels()
    return await ended(scene.mover)


async def move_superseded(scene: Scene) -> str:
    await scene.mover.has_named()
    await scene.mover.is_superseded()
    return await ended(scene.mover)


async def move_blocked_and_recovered(scene: Scene) -> str:
    await scene.mover.has_named()
    scene.fakes.email_change.swapped.fails(MONGO_AWAY, times=12)
    scene.fakes.email_change.swapped.always_answers(_swapped_in_vain)
    typing = await scene.mover.begins_to_type_new(scene.mover.new_code())
    await scene.clock.passes(FIVE_QUIET_TRIES)
    assert await scene.mover.blocked_on() == "mongo"
    await scene.clock.until(typing.result())
    return await ended(scene.mover)


async def taken_back(scene: Scene) -> str:
    await scene.regretter.is_told()
    await scene.regretter.types(WRONG)
    await scene.regretter.types(scene.regretter.code())
    return await ended(scene.regretter)


async def taken_back_with_later_ones(scene: Scene) -> str:
    scene.fakes.email_revert.reverted.always_answers(_closing_another)
    return await taken_back(scene)


async def not_taken_back(scene: Scene) -> str:
    await scene.regretter.is_told()
    await scene.clock.passes(timedelta(days=7, seconds=1))
    return await ended(scene.regretter)


async def revert_locked(scene: Scene) -> str:
    await scene.regretter.is_told()
    await scene.regretter.types_wrong(times=5)
    return await ended(scene.regretter)


async def revert_superseded(scene: Scene) -> str:
    await scene.regretter.is_told()
    await scene.regretter.is_superseded()
    return await ended(scene.regretter)


async def revert_lost(scene: Scene) -> str:
    scene.fakes.email_revert.reverted.always_answers(lambda _: AddressReverted(ChangeOutcome.TAKEN))
    await scene.regretter.is_told()
    await scene.regretter.types(scene.regretter.code())
    return await ended(scene.regretter)


async def revert_blocked_and_recovered(scene: Scene) -> str:
    await scene.regretter.is_told()
    scene.fakes.email_revert.reverted.fails(MONGO_AWAY, times=12)
    typing = await scene.regretter.begins_to_type(scene.regretter.code())
    await scene.clock.passes(FIVE_QUIET_TRIES)
    assert await scene.regretter.blocked_on() == "mongo"
    await scene.clock.until(typing.result())
    return await ended(scene.regretter)


CHANGES: Mapping[str, Outcome] = {
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


def _swapped_in_vain(ask: SwapAddress) -> AddressSwapped:
    """Gone: a way back would outlive the change, and with it this server's clock would stand still."""
    return swapped(ask, ChangeOutcome.GONE)


def _closing_another(ask: RevertAddress) -> AddressReverted:
    return replace(reverted(ask), closed=[OTHER])
