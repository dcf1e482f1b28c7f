"""Produces each outcome of a password reset."""

from collections.abc import Mapping

from activities.auth.password_reset import ResetPassword
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
from tests.workflows.fakes.all import OTP
from tests.workflows.fakes.failures import MONGO_AWAY


async def completed(scene: Scene) -> str:
    await scene.forgetful.starts()
    await scene.forgetful.types(WRONG)
    await scene.forgetful.types(scene.forgetful.code())
    await scene.forgetful.gets_context(scene.forgetful.code())
    await scene.forgetful.chooses(is_weak=True)
    await scene.forgetful.chooses()
    return await ended(scene.forgetful)


async def with_second_factor(scene: Scene) -> str:
    scene.fakes.two_factor.is_on = True
    await scene.forgetful.proves()
    await scene.forgetful.chooses()
    await scene.forgetful.chooses(second=WRONG_OTP)
    await scene.forgetful.chooses(second=OTP)
    return await ended(scene.forgetful)


async def second_factor_lost(scene: Scene) -> str:
    """It is used up concurrently, between the two checks."""
    scene.fakes.two_factor.is_on = True
    scene.fakes.two_factor.used.returns_next(lambda _: False)
    await scene.forgetful.proves()
    await scene.forgetful.chooses(second=OTP)
    await scene.forgetful.chooses(second=OTP)
    return await ended(scene.forgetful)


async def after_resend(scene: Scene) -> str:
    await scene.forgetful.starts()
    await scene.forgetful.requests_resend()
    await scene.forgetful.waits_and_requests_resend(A_MINUTE)
    await scene.forgetful.types(scene.forgetful.code(issue_no=1))
    await scene.forgetful.types(scene.forgetful.code(issue_no=2))
    await scene.forgetful.chooses(code=scene.forgetful.code(issue_no=2))
    return await ended(scene.forgetful)


async def expired(scene: Scene) -> str:
    await scene.forgetful.starts()
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.forgetful)


async def expired_on_second_leg(scene: Scene) -> str:
    await scene.forgetful.starts()
    await scene.clock.advance(A_MINUTE)
    await scene.forgetful.types(scene.forgetful.code())
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.forgetful)


async def locked(scene: Scene) -> str:
    await scene.forgetful.starts()
    await scene.forgetful.types_wrong(times=5)
    return await ended(scene.forgetful)


async def cancelled(scene: Scene) -> str:
    await scene.forgetful.proves()
    await scene.forgetful.cancels()
    return await ended(scene.forgetful)


async def account_gone(scene: Scene) -> str:
    scene.fakes.password_reset.changed.always_returns(lambda _: None)
    await scene.forgetful.proves()
    await scene.forgetful.chooses()
    return await ended(scene.forgetful)


async def unknown_name(scene: Scene) -> str:
    scene.forgetful.is_known = False
    await scene.forgetful.starts()
    await scene.forgetful.types(scene.forgetful.code())
    await scene.forgetful.waits_and_requests_resend(A_MINUTE)
    await scene.clock.advance(CODE_LIFETIME)
    return await ended(scene.forgetful)


async def blocked_and_recovered(scene: Scene) -> str:
    await scene.forgetful.proves()
    scene.fakes.password_reset.changed.fail(MONGO_AWAY, times=12)
    choosing = await scene.forgetful.begins_to_choose()
    await scene.clock.advance(FIVE_QUIET_TRIES)
    assert await scene.forgetful.blocked_on() == "mongo"
    await scene.clock.advance_until(choosing.result())
    return await ended(scene.forgetful)


async def second_factor_enabled(scene: Scene) -> str:
    """Between its check and the change."""

    def refuse(_: ResetPassword) -> None:
        scene.fakes.two_factor.is_on = True

    scene.fakes.password_reset.changed.returns_next(refuse)
    await scene.forgetful.proves()
    await scene.forgetful.chooses()
    await scene.forgetful.chooses(second=OTP)
    return await ended(scene.forgetful)


OUTCOMES: Mapping[str, Outcome] = {
    "password-reset-completed": completed,
    "password-reset-completed-with-second-factor": with_second_factor,
    "password-reset-completed-after-a-lost-second-factor": second_factor_lost,
    "password-reset-completed-after-resend": after_resend,
    "password-reset-expired": expired,
    "password-reset-expired-on-second-leg": expired_on_second_leg,
    "password-reset-locked": locked,
    "password-reset-cancelled": cancelled,
    "password-reset-failed": account_gone,
    "password-reset-failed-without-a-new-second-factor": account_gone,
    "password-reset-completed-after-a-new-second-factor": second_factor_enabled,
    "password-reset-unknown-name": unknown_name,
    "password-reset-unknown-name-with-mails": unknown_name,
    "password-reset-blocked-and-recovered": blocked_and_recovered,
}
WITHOUT_A_PATCH = {"password-reset-failed-without-a-new-second-factor", "password-reset-unknown-name"}
"""Recorded before the patch of that name; the outcomes of today stand beside them."""
PASSWORD_RESETS: Mapping[str, Outcome] = {
    **OUTCOMES,
    **in_one_workflow({name: play for name, play in OUTCOMES.items() if name not in WITHOUT_A_PATCH}),
    **with_end_recorded(OUTCOMES, "password-reset-expired"),
}
