"""An operator may reset a completed flow to its first task: it ends as before and sends no second mail."""

import asyncio
import uuid
from typing import Any

import httpx
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest

from adapters.resources import Resources
from api.flows.client import FlowClient
from domain.flows import FlowState, FlowView
from domain.paging import PageRequest
from domain.users.security_events import EventKind
from tests.support.envelope import data
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import new_device, on_device, with_second_factor

PATIENCE_SECONDS = 20
FIRST_TASK_DONE = 4
"""Event id of the first WorkflowTaskCompleted: started, task scheduled, task started, task completed."""


async def reset(resources: Resources, flow_id: str) -> FlowView:
    """Reset a completed flow to its first task. Returns the result of the new run."""
    workflow_id = FlowClient(resources.temporal, resources.hashes).workflow_id(flow_id)
    flow = resources.temporal.get_workflow_handle(workflow_id, result_type=FlowView)
    ended = await flow.result()
    assert ended.state is FlowState.COMPLETED
    again = await resources.temporal.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=resources.temporal.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id),
            reason="a test",
            workflow_task_finish_event_id=FIRST_TASK_DONE,
            request_id=str(uuid.uuid4()),
        )
    )
    rerun = resources.temporal.get_workflow_handle(workflow_id, run_id=again.run_id, result_type=FlowView)
    async with asyncio.timeout(PATIENCE_SECONDS):
        result: FlowView = await rerun.result()
    return result


async def events_of(api: httpx.AsyncClient, someone: SignedIn, session: dict[str, Any]) -> list[str]:
    events = data(await api.get("/auth/security-events", headers=on_device(someone, session)))["events"]
    return [event["kind"] for event in events]


async def test_sign_in_flow_that_is_reset_opens_no_second_session(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    flow_id = data(await api.post("/auth/login", json=new_device(someone.person)), 202)["flow_id"]
    code = await mailbox.code(someone.person.email, "fingerprint-verify")
    data(await api.post("/auth/login/fingerprint/email-verification", json={"flow_id": flow_id, "code": code}), 202)
    second = {"flow_id": flow_id, "recovery_code": authenticator.recovery_codes[0]}
    data(await api.post("/auth/2fa/login", json=second))

    ended = await reset(resources, flow_id)

    assert ended.state is FlowState.COMPLETED
    sessions = data(await api.get("/auth/session/active", headers=on_device(someone)))["sessions"]
    assert len(sessions) == 2
    assert len(await mailbox.letters(someone.person.email, "fingerprint-verify")) == 1
    kinds = await events_of(api, someone, someone.session)
    assert (kinds.count("signed_in"), kinds.count("recovery_code_used")) == (1, 1)


async def test_password_reset_flow_that_is_reset_changes_nothing_more(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    ask = {"email_or_username": someone.person.email}
    flow_id = data(await api.post("/auth/password/forgot/initiate", json=ask), 202)["flow_id"]
    proof = {"flow_id": flow_id, "code": await mailbox.code(someone.person.email, "forgot-password-verify")}
    data(await api.post("/auth/password/forgot/verify-email", json=proof))
    new = "another long enough phrase"
    change = {**proof, "new_password": new, "otp": await authenticator.next_otp()}
    data(await api.post("/auth/password/forgot/change", json=change))
    await mailbox.letter(someone.person.email, "password-changed")

    ended = await reset(resources, flow_id)

    assert ended.state is FlowState.COMPLETED
    events = await resources.users.security_events.list_page(someone.user["_id"], PageRequest(10))
    assert [event.kind for event in events.rows].count(EventKind.PASSWORD_RESET) == 1
    assert len(await mailbox.letters(someone.person.email, "password-changed")) == 1
    assert len(await mailbox.letters(someone.person.email, "forgot-password-verify")) == 1
