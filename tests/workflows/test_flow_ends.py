"""How a flow ended is recorded once, after its client has the answer; a completed one has recorded it before."""

from datetime import timedelta

from domain.flows import FlowKind, FlowState
from domain.journal.flow_ends import FlowRef
from tests.workflows.clients.account_deletion import KEY, AccountDeletionClient
from tests.workflows.clients.account_deletion import USER_ID as LEAVER_ID
from tests.workflows.clients.account_export import AccountExportClient
from tests.workflows.clients.flow_client import REQUEST_ID
from tests.workflows.clients.sign_in import SignInClient
from tests.workflows.clients.username_change import USER_ID as RENAMER_ID
from tests.workflows.clients.username_change import UsernameChangeClient
from tests.workflows.fakes.all import Fakes
from tests.workflows.fakes.failures import MONGO_AWAY
from tests.workflows.time_skipping import Clock

Recorded = list[tuple[FlowRef, FlowState, str | None]]


def recorded(fakes: Fakes) -> Recorded:
    return [(end.flow, end.state, end.user_id) for end in fakes.flow_ends.recorded.calls]


async def test_flow_of_a_client_who_proved_nothing_ends_without_a_user(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    await returner.cancels()

    await returner.end()
    assert recorded(fakes) == [(FlowRef(FlowKind.SIGN_IN, returner.workflow_id), FlowState.CANCELLED, None)]


async def test_flow_of_a_signed_in_user_ends_with_the_user(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()

    await renamer.is_superseded()

    await renamer.end()
    flow = FlowRef(FlowKind.USERNAME_CHANGE, renamer.workflow_id)
    assert recorded(fakes) == [(flow, FlowState.CANCELLED, RENAMER_ID)]


async def test_job_is_recorded_whatever_its_end(exporter: AccountExportClient, fakes: Fakes) -> None:
    await exporter.starts()

    await exporter.end()
    (end,) = fakes.flow_ends.recorded.calls
    assert (end.flow.kind, end.state) == (FlowKind.ACCOUNT_EXPORT, FlowState.COMPLETED)


async def test_cancelled_flow_ends_by_the_request_that_cancels_it(returner: SignInClient, fakes: Fakes) -> None:
    await returner.starts()

    await returner.cancels()

    await returner.end()
    assert [end.request_id for end in fakes.flow_ends.recorded.calls] == [REQUEST_ID]


async def test_cancelled_job_ends_by_the_request_that_cancels_it(exporter: AccountExportClient, fakes: Fakes) -> None:
    fakes.export.gathered.hang()
    await exporter.starts()
    await fakes.export.gathered.wait_called(times=1)

    await exporter.cancels()
    fakes.export.gathered.resume()

    await exporter.end()
    assert [end.request_id for end in fakes.flow_ends.recorded.calls] == [REQUEST_ID]


async def test_flow_that_no_request_ends_names_none(renamer: UsernameChangeClient, fakes: Fakes) -> None:
    await renamer.starts()

    await renamer.is_superseded()

    await renamer.end()
    assert [end.request_id for end in fakes.flow_ends.recorded.calls] == [None]


async def test_deletion_is_told_from_others_of_the_same_account(
    leaver: AccountDeletionClient, clock: Clock, fakes: Fakes
) -> None:
    await leaver.deactivates()
    await leaver.reactivates()

    await clock.advance_until(leaver.end(), step=timedelta(seconds=1))

    flow = FlowRef(FlowKind.ACCOUNT_DELETION, leaver.workflow_id, KEY)
    assert recorded(fakes) == [(flow, FlowState.CANCELLED, LEAVER_ID)]


async def test_completed_sign_in_is_recorded_by_the_transaction_that_opens_the_session(
    returner: SignInClient, fakes: Fakes
) -> None:
    await returner.starts()
    await returner.types(returner.code())

    await returner.end()

    assert recorded(fakes) == []


async def test_client_is_answered_while_the_end_cannot_be_recorded(returner: SignInClient, fakes: Fakes) -> None:
    fakes.flow_ends.recorded.fail(MONGO_AWAY, times=2)
    fakes.flow_ends.recorded.hang()
    await returner.starts()

    answer = await returner.cancels()
    status = await returner.gets_status()

    assert (answer.view.state, status.state) == (FlowState.CANCELLED, FlowState.CANCELLED)
    fakes.flow_ends.recorded.resume()
    await returner.end()


async def test_end_that_could_not_be_recorded_is_tried_until_it_is(
    returner: SignInClient, clock: Clock, fakes: Fakes
) -> None:
    fakes.flow_ends.recorded.fail(MONGO_AWAY, times=7)
    await returner.starts()
    await returner.cancels()

    await clock.advance_until(returner.end(), step=timedelta(seconds=5))

    assert len(fakes.flow_ends.recorded.calls) == 8
    assert await returner.was_ever_blocked()
