"""Sign-in when all goes well: the device by a mailed code, the second factor, both; and the session in the end."""

from datetime import timedelta

from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from domain.auth.sessions import AuthStrength
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import WrongStep
from domain.flows import FlowState, NextStep
from tests.support.keys import CODES
from tests.workflows.clients.sign_in import EPOCH, LAPTOP, USER_ID, SignInClient
from tests.workflows.fakes.all import OTP, Fakes, session_of


async def test_new_device_is_asked_for_the_mailed_code(returner: SignInClient) -> None:
    view = (await returner.starts()).view

    assert (view.state, view.next, view.attempts_left) == (FlowState.WAITING, NextStep.DEVICE_CODE, 5)
    assert view.expires_at
    assert view.resend_available_at == view.expires_at - timedelta(minutes=9)
    assert await returner.gets_status() == view


async def test_mail_names_the_code_and_where_the_sign_in_came_from(returner: SignInClient, fakes: Fakes) -> None:
    begun = await returner.starts()

    order = await fakes.mail.ordered(MailKind.FINGERPRINT_VERIFY)
    assert begun.view.expires_at
    asked_at = begun.view.expires_at - timedelta(minutes=10)
    assert order == MailInput(
        key=f"{returner.workflow_id.replace('/', '.')}.code-1",
        kind=MailKind.FINGERPRINT_VERIFY,
        recipient=returner.email_address,
        variables={
            "username": returner.username,
            "minutes": "10",
            "device": "Firefox 145, Laptop",
            "origin": "192.0.2.0/24",
            "at": f"{asked_at:%d %B %Y, %H:%M} UTC",
        },
        code=CodeIssue(returner.flow_id, CodePurpose.FINGERPRINT_VERIFY, CODES.current_key_id, 1),
        give_up_at=begun.view.expires_at,
    )


async def test_right_code_opens_a_session_on_a_device_that_is_trusted_then(
    returner: SignInClient, fakes: Fakes
) -> None:
    await returner.starts()

    answer = await returner.types(returner.code())

    (ask,) = fakes.sign_in.opened.calls
    assert (answer.refusal, answer.session_id) == (None, session_of(ask))
    assert (ask.owner, ask.user_id, ask.epoch, ask.device) == (returner.workflow_id, USER_ID, EPOCH, LAPTOP)
    assert (ask.trusts_device, ask.has_second_factor) == (True, False)
    assert (await returner.end()).state is FlowState.COMPLETED


async def test_session_is_opened_with_the_first_proof_of_the_sign_in(returner: SignInClient, fakes: Fakes) -> None:
    returner.first_proof = AuthStrength.WALLET
    await returner.starts()

    await returner.types(returner.code())

    assert fakes.sign_in.opened.calls[0].first_proof is AuthStrength.WALLET


async def test_known_device_is_asked_for_the_second_factor_alone(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False

    view = (await careful.starts()).view

    assert (view.next, view.resend_available_at) == (NextStep.OTP, None)
    assert fakes.mail.recorded.calls == []


async def test_right_second_factor_opens_a_session(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.starts()

    answer = await careful.shows()

    (ask,) = fakes.sign_in.opened.calls
    assert answer.session_id == session_of(ask)
    assert (ask.trusts_device, ask.has_second_factor) == (False, True)
    assert (await careful.end()).state is FlowState.COMPLETED


async def test_device_is_trusted_when_requested_with_the_second_factor(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.starts()

    await careful.shows(trusts_device=True)

    assert fakes.sign_in.opened.calls[0].trusts_device is True


async def test_both_are_asked_for_one_after_the_other(careful: SignInClient, fakes: Fakes) -> None:
    await careful.starts()

    proved = await careful.types(careful.code())
    before_the_second = list(fakes.sign_in.sessions)
    signed_in = await careful.shows()

    assert (proved.refusal, proved.session_id, proved.view.next) == (None, None, NextStep.OTP)
    assert proved.view.resend_available_at is None
    assert before_the_second == []
    assert fakes.sign_in.sessions == [signed_in.session_id]
    assert fakes.sign_in.opened.calls[-1].trusts_device is True


async def test_second_factor_before_the_code_is_out_of_turn_and_uses_nothing_up(
    careful: SignInClient, fakes: Fakes
) -> None:
    begun = await careful.starts()

    answer = await careful.shows()

    assert (answer.refusal, answer.view) == (WrongStep.__name__, begun.view)
    assert fakes.two_factor.used.calls == []


async def test_code_after_the_device_is_proved_is_out_of_turn(careful: SignInClient) -> None:
    await careful.starts()
    proved = await careful.types(careful.code())

    answer = await careful.types(careful.code())

    assert (answer.refusal, answer.view) == (WrongStep.__name__, proved.view)


async def test_use_of_a_second_factor_is_named_by_the_flow(careful: SignInClient, fakes: Fakes) -> None:
    careful.is_device_new = False
    await careful.starts()
    await careful.shows_wrong(times=1)

    await careful.shows()

    wrong, right = fakes.two_factor.used.calls
    assert (wrong.owner, wrong.number) == (careful.workflow_id, 1)
    assert (right.owner, right.number, right.proof) == (careful.workflow_id, 2, OTP)


async def test_asking_again_is_one_flow_with_one_mail(returner: SignInClient, fakes: Fakes) -> None:
    first = await returner.starts()

    second = await returner.starts()

    assert second == first
    await fakes.mail.ordered(MailKind.FINGERPRINT_VERIFY)
    assert len(fakes.mail.recorded.calls) == 1
