"""Password reset when all goes well: a code by mail, a second factor where there is one, a new password, a notice."""

from datetime import timedelta

from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from domain.auth.errors import SecondFactorRequired, WeakPassword
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind
from domain.errors import WrongStep
from domain.flows import FlowState, NextStep
from tests.support.keys import CODES
from tests.workflows.clients.flow_client import WRONG
from tests.workflows.clients.password_reset import NEW_HASH, USER_ID, PasswordResetClient
from tests.workflows.fakes.all import OTP, Fakes, notice_of_reset


async def test_waiting_flow_says_what_comes_next(forgetful: PasswordResetClient) -> None:
    view = (await forgetful.starts()).view

    assert (view.state, view.next, view.attempts_left) == (FlowState.WAITING, NextStep.EMAIL_CODE, 5)
    assert view.expires_at
    assert view.resend_available_at == view.expires_at - timedelta(minutes=9)
    assert await forgetful.gets_status() == view


async def test_mail_names_the_code_and_does_not_hold_it(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    begun = await forgetful.starts()

    order = await fakes.mail.ordered(MailKind.FORGOT_PASSWORD_VERIFY)
    assert order == MailInput(
        key=f"{forgetful.workflow_id.replace('/', '.')}.code-1",
        kind=MailKind.FORGOT_PASSWORD_VERIFY,
        recipient=forgetful.email_address,
        variables={"username": forgetful.username, "minutes": "10"},
        code=CodeIssue(forgetful.flow_id, CodePurpose.FORGOT_PASSWORD_VERIFY, CODES.current_key_id, 1),
        give_up_at=begun.view.expires_at,
    )


async def test_right_code_leads_to_the_new_password(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.starts()

    answer = await forgetful.types(forgetful.code())

    assert (answer.refusal, answer.view.next) == (None, NextStep.NEW_PASSWORD)
    assert (answer.view.attempts_left, answer.view.resend_available_at) == (5, None)
    assert fakes.password_reset.changed.calls == []


async def test_new_password_is_set_and_the_flow_ends(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    answer = await forgetful.chooses()

    (reset,) = fakes.password_reset.changed.calls
    assert (answer.refusal, answer.view.state) == (None, FlowState.COMPLETED)
    assert (reset.owner, reset.user_id, reset.password_hashed) == (forgetful.workflow_id, USER_ID, NEW_HASH)
    assert (await forgetful.end()).state is FlowState.COMPLETED


async def test_owner_is_notified_of_the_new_password(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    await forgetful.chooses()

    notices = await fakes.notices.closed.wait_called(times=1)
    (reset,) = fakes.password_reset.changed.calls
    assert notices == [notice_of_reset(reset).event_id]


async def test_change_before_the_code_is_proved_is_out_of_turn(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    begun = await forgetful.starts()

    answer = await forgetful.chooses()

    assert (answer.refusal, answer.view) == (WrongStep.__name__, begun.view)
    assert fakes.password_reset.changed.calls == []


async def test_proved_code_typed_again_is_right_again_and_costs_nothing(forgetful: PasswordResetClient) -> None:
    proved = await forgetful.proves()

    again = await forgetful.types(forgetful.code())

    assert (again.refusal, again.view) == (None, proved.view)


async def test_password_context_is_returned_with_the_code(
    forgetful: PasswordResetClient,
) -> None:
    await forgetful.proves()

    answer = await forgetful.gets_context(forgetful.code())

    assert (answer.refusal, answer.context, answer.view.attempts_left) == (None, ("ann_lee", "ann"), 5)


async def test_password_context_is_not_revealed_without_the_code(forgetful: PasswordResetClient) -> None:
    await forgetful.proves()

    answer = await forgetful.gets_context(WRONG)

    assert (answer.context, answer.view.attempts_left) == ((), 4)


async def test_weak_password_burns_neither_code_nor_attempt_nor_second_factor(
    forgetful: PasswordResetClient, fakes: Fakes
) -> None:
    fakes.two_factor.is_on = True
    proved = await forgetful.proves()

    weak = await forgetful.chooses(second=OTP, is_weak=True)
    taken_by_the_weak = list(fakes.two_factor.used.calls)
    strong = await forgetful.chooses(second=OTP)

    assert (weak.refusal, weak.view) == (WeakPassword.__name__, proved.view)
    assert taken_by_the_weak == []
    assert strong.refusal is None


async def test_missing_second_factor_is_asked_for_and_costs_nothing(
    forgetful: PasswordResetClient, fakes: Fakes
) -> None:
    fakes.two_factor.is_on = True
    proved = await forgetful.proves()

    answer = await forgetful.chooses()

    assert (answer.refusal, answer.view) == (SecondFactorRequired.__name__, proved.view)
    assert fakes.password_reset.changed.calls == []


async def test_right_second_factor_is_used_up_under_the_name_it_was_judged_by(
    forgetful: PasswordResetClient, fakes: Fakes
) -> None:
    fakes.two_factor.is_on = True
    await forgetful.proves()

    answer = await forgetful.chooses(second=OTP)

    assert answer.refusal is None
    assert fakes.two_factor.used.calls == fakes.two_factor.judged.calls
    assert fakes.two_factor.used.calls[0].owner == forgetful.workflow_id


async def test_account_without_a_second_factor_has_none_used_up(forgetful: PasswordResetClient, fakes: Fakes) -> None:
    await forgetful.proves()

    await forgetful.chooses()

    assert fakes.two_factor.used.calls == []
