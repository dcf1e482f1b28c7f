"""Produces each outcome of a sign-in."""

from collections.abc import Mapping

from activities.auth.sign_in import SessionOpened
from activities.delivery.mail import MailInput
from domain.auth.sessions import OpeningOutcome
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
from tests.workflows.clients.sign_in import WRONG_OTP
from tests.workflows.fakes.failures import MONGO_AWAY

WARNING = MailInput("sign-in-warning.ann.20260102", MailKind.SIGN_IN_WARNING, "ann@people.test")


async def by_code(scene: Scene) -> str:
    await scene.returner.starts()
    await scene.returner.types(WRONG)
    await scene.returner.types(scene.returner.code())
    return await ended(scene.returner)


async def by_otp(scene: Scene) -> str:
    _with_second_factor(scene, is_device_new=False)
    await scene.returner.starts()
    await scene.returner.shows(WRONG_OTP)
    await scene.returner.shows()
    return await ended(scene.returner)


async def by_both(scene: Scene) -> str:
    _with_second_factor(scene)
    await scene.returner.starts()
    await scene.returner.shows()
    await scene.returner.types(scene.returner.code())
    await scene.returner.shows()
    return await ended(scene.returner)


async def after_resend(scene: Scene) -> str:
    await scene.returner.starts()
    await scene.returner.requests_resend()
    await scene.returner.waits_and_requests_resend(A_MINUTE)
    await scene.returner.types(scene.returner.code(issue_no=1))
    await scene.returner.types(scene.returner.code(issue_no=2))
    return await ended(scene.returner)


async def expired(scene: Scene) -> str:
    await scene.returner.starts()
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.returner)


async def expired_on_second_leg(scene: Scene) -> str:
    _with_second_factor(scene)
    await scene.returner.starts()
    await scene.clock.advance(A_MINUTE)
    await scene.returner.types(scene.returner.code())
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.returner)


async def locked_with_warning(scene: Scene) -> str:
    scene.fakes.sign_in.noted.always_returns(lambda _: WARNING)
    await scene.returner.starts()
    await scene.returner.types_wrong(times=5)
    return await ended(scene.returner)


async def locked_on_known_device(scene: Scene) -> str:
    _with_second_factor(scene, is_device_new=False)
    await scene.returner.starts()
    await scene.returner.shows_wrong(times=5)
    return await ended(scene.returner)


async def cancelled(scene: Scene) -> str:
    await scene.returner.starts()
    await scene.returner.cancels()
    return await ended(scene.returner)


async def moved_on(scene: Scene) -> str:
    scene.fakes.sign_in.opened.always_returns(lambda _: SessionOpened(OpeningOutcome.GONE))
    await scene.returner.starts()
    await scene.returner.types(scene.returner.code())
    return await ended(scene.returner)


async def blocked_and_recovered(scene: Scene) -> str:
    await scene.returner.starts()
    scene.fakes.sign_in.opened.fail(MONGO_AWAY, times=12)
    typing = await scene.returner.begins_to_type(scene.returner.code())
    await scene.clock.advance(FIVE_QUIET_TRIES)
    assert await scene.returner.blocked_on() == "mongo"
    await scene.clock.advance_until(typing.result())
    return await ended(scene.returner)


async def second_factor_enabled(scene: Scene) -> str:
    await scene.returner.starts()
    scene.fakes.two_factor.is_on = True
    await scene.returner.types(scene.returner.code())
    await scene.returner.shows()
    return await ended(scene.returner)


async def second_factor_disabled(scene: Scene) -> str:
    _with_second_factor(scene, is_device_new=False)
    await scene.returner.starts()
    scene.fakes.two_factor.is_on = False
    await scene.returner.shows(WRONG_OTP)
    return await ended(scene.returner)


async def wallet_unlinked(scene: Scene) -> str:
    scene.fakes.sign_in.opened.always_returns(lambda _: SessionOpened(OpeningOutcome.WALLET_UNLINKED))
    await scene.returner.starts()
    await scene.returner.types(scene.returner.code())
    return await ended(scene.returner)


OUTCOMES: Mapping[str, Outcome] = {
    "sign-in-completed-by-code": by_code,
    "sign-in-completed-by-otp": by_otp,
    "sign-in-completed-by-both": by_both,
    "sign-in-completed-after-resend": after_resend,
    "sign-in-expired": expired,
    "sign-in-expired-on-second-leg": expired_on_second_leg,
    "sign-in-locked-with-warning": locked_with_warning,
    "sign-in-locked-on-known-device": locked_on_known_device,
    "sign-in-cancelled": cancelled,
    "sign-in-failed": moved_on,
    "sign-in-blocked-and-recovered": blocked_and_recovered,
    "sign-in-account-read-completed-by-code": by_code,
    "sign-in-account-read-completed-by-otp": by_otp,
    "sign-in-account-read-completed-by-both": by_both,
    "sign-in-account-read-blocked-and-recovered": blocked_and_recovered,
    "sign-in-second-factor-enabled-meanwhile": second_factor_enabled,
    "sign-in-second-factor-disabled-meanwhile": second_factor_disabled,
    "sign-in-wallet-unlinked": wallet_unlinked,
}
ACCOUNT_READ = "sign-in-account-read-"
"""Recorded since the account is read at the end; the outcomes are the same."""
SIGN_INS: Mapping[str, Outcome] = {
    **OUTCOMES,
    **in_one_workflow({name: play for name, play in OUTCOMES.items() if not name.startswith(ACCOUNT_READ)}),
    **with_end_recorded(OUTCOMES, "sign-in-locked-with-warning", "sign-in-cancelled"),
}


def _with_second_factor(scene: Scene, *, is_device_new: bool = True) -> None:
    scene.fakes.two_factor.is_on = True
    scene.returner.has_second_factor = True
    scene.returner.is_device_new = is_device_new
