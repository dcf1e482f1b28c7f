"""Registration when all goes well: from the held name to the account, the session and the follow-ups."""

from datetime import timedelta

from temporalio.api.enums.v1 import EventType

from activities.codes import CodeIssue
from activities.delivery.mail import MailInput
from domain.accounts.errors import UsernameTaken
from domain.codes import CodePurpose
from domain.delivery.mail import MailKind
from domain.flows import FlowState, NextStep
from tests.support.keys import CODES
from tests.support.polling import eventually
from tests.workflows.clients.registration import PHONE, RegistrationClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.registration import account_of


async def patches_of(actor: RegistrationClient) -> list[str]:
    markers = await actor.history_of(EventType.EVENT_TYPE_MARKER_RECORDED)
    names = [event.marker_recorded_event_attributes.marker_name for event in markers]
    return [name for name in names if name == "core_patch"]


async def test_free_username_is_held_for_as_long_as_a_flow_may_last(newcomer: RegistrationClient, fakes: Fakes) -> None:
    answer = await newcomer.starts()

    (hold,) = fakes.registration.hold.calls
    assert answer.refusal is None
    assert (hold.username, hold.owner) == (newcomer.username, newcomer.workflow_id)
    assert answer.view.expires_at
    assert hold.until == answer.view.expires_at + timedelta(minutes=50)


async def test_taken_username_ends_the_flow_and_sends_nothing(newcomer: RegistrationClient, fakes: Fakes) -> None:
    fakes.registration.hold.always_returns(lambda _: False)

    answer = await newcomer.starts()

    assert answer.refusal == UsernameTaken.__name__
    assert answer.view.state is FlowState.FAILED
    assert (await newcomer.end()).state is FlowState.FAILED
    assert await newcomer.listed_state() == "failed"
    assert fakes.mail.recorded.calls == []


async def test_repeated_request_returns_the_first_response(newcomer: RegistrationClient, fakes: Fakes) -> None:
    first = await newcomer.starts()

    second = await newcomer.starts()

    assert second == first
    assert len(fakes.registration.hold.calls) == 1


async def test_waiting_flow_says_what_comes_next(newcomer: RegistrationClient) -> None:
    view = (await newcomer.starts()).view

    assert (view.state, view.next, view.attempts_left) == (FlowState.WAITING, NextStep.EMAIL_CODE, 5)
    assert view.expires_at
    assert view.resend_available_at == view.expires_at - timedelta(minutes=9)
    assert await newcomer.gets_status() == view


async def test_mail_names_the_code_and_does_not_hold_it(newcomer: RegistrationClient, fakes: Fakes) -> None:
    answer = await newcomer.starts()

    order = await fakes.mail.ordered(MailKind.CREATE_ACCOUNT)
    assert order == MailInput(
        key=f"{newcomer.workflow_id.replace('/', '.')}.code-1",
        kind=MailKind.CREATE_ACCOUNT,
        recipient=newcomer.email_address,
        variables={"username": newcomer.username, "minutes": "10"},
        code=CodeIssue(newcomer.flow_id, CodePurpose.CREATE_ACCOUNT, CODES.current_key_id, 1),
        give_up_at=answer.view.expires_at,
    )


async def test_right_code_makes_the_account(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    answer = await newcomer.types(newcomer.code())

    (create,) = fakes.registration.create.calls
    assert answer.registered
    assert answer.registered.user_id == account_of(create).user_id
    assert (create.username, create.email_address) == (newcomer.username, newcomer.email_address)
    assert create.owner == newcomer.workflow_id
    assert (await newcomer.end()).state is FlowState.COMPLETED


async def test_completed_flow_keeps_the_name(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    await newcomer.types(newcomer.code())

    await newcomer.end()
    assert fakes.registration.release.calls == []


async def test_without_a_device_no_session_is_opened(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    answer = await newcomer.types(newcomer.code())

    (create,) = fakes.registration.create.calls
    assert create.device is None
    assert answer.registered
    assert answer.registered.session_id is None


async def test_with_a_device_the_account_begins_with_a_session_on_it(
    newcomer: RegistrationClient, fakes: Fakes
) -> None:
    await newcomer.starts()

    answer = await newcomer.types(newcomer.code(), PHONE)

    (create,) = fakes.registration.create.calls
    assert create.device == PHONE
    assert answer.registered
    assert answer.registered.session_id == account_of(create).session_id


async def test_registration_is_one_workflow_of_four_tasks(newcomer: RegistrationClient) -> None:
    await newcomer.starts()
    await eventually(lambda: newcomer.history_of(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED))

    await newcomer.types(newcomer.code())

    await newcomer.end()
    assert len(await newcomer.history_of(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED)) <= 4
    assert await newcomer.history_of(EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED) == []
    assert len(await patches_of(newcomer)) == 1


async def test_welcome_mail_is_never_given_up(newcomer: RegistrationClient, fakes: Fakes) -> None:
    await newcomer.starts()

    await newcomer.types(newcomer.code())

    welcome = await fakes.mail.ordered(MailKind.WELCOME_MESSAGE)
    assert welcome.key == f"{newcomer.workflow_id.replace('/', '.')}.welcome"
    assert (welcome.recipient, welcome.code, welcome.give_up_at) == (newcomer.email_address, None, None)


async def test_caller_is_answered_before_the_welcome_is_sent(newcomer: RegistrationClient) -> None:
    await newcomer.starts()
    await eventually(lambda: newcomer.history_of(EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED))

    await newcomer.types(newcomer.code())

    await newcomer.end()
    types = [event.event_type for event in await newcomer.events()]
    answered = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_COMPLETED
    mail_sent = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
    assert [kind for kind in types if kind in (answered, mail_sent)][-2:] == [answered, mail_sent]
