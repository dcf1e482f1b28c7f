"""A flow that an operator resets to its first task ends as it did, and nobody hears of it (design: settled 4).

On the dev stack: the time-skipping server cannot reset.
"""

import uuid
from typing import Any

import httpx
import pytest
from bson import ObjectId
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle

from adapters.resources import Resources
from domain.flows import FlowState, FlowView
from tests.mailbox import Mailbox
from tests.people import Person, begin, new_person, prove, register
from tests.waiting import eventually

WRONG = "WRQNG2"


class Operator:
    """Looks at registrations in Temporal, and resets them."""

    def __init__(self, resources: Resources) -> None:
        self._temporal: Client = resources.temporal
        self._hashes = resources.hashes

    async def end_of(self, flow_id: str) -> FlowState:
        return (await self._flow(flow_id).result()).state

    async def resets(self, flow_id: str) -> FlowState:
        """Reset a closed flow to its first task. Returns how its new run ended."""
        history = await self._flow(flow_id).fetch_history()
        done = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
        first_task = next(event.event_id for event in history.events if event.event_type == done)
        reset = await self._temporal.workflow_service.reset_workflow_execution(
            ResetWorkflowExecutionRequest(
                namespace=self._temporal.namespace,
                workflow_execution=WorkflowExecution(workflow_id=self._flow(flow_id).id),
                reason="test",
                workflow_task_finish_event_id=first_task,
                request_id=str(uuid.uuid4()),
            )
        )
        return (await self._flow(flow_id, reset.run_id).result()).state

    async def mail_runs(self, flow_id: str, *names: str) -> list[str]:
        """The run of each of the flow's mails: another run would be another mail."""
        keys = [f"{self._flow(flow_id).id.replace('/', '.')}.{name}" for name in names]
        return [await self._run_of(f"mail/{key}") for key in keys]

    async def _run_of(self, workflow_id: str) -> str:
        return (await self._temporal.get_workflow_handle(workflow_id).describe()).run_id

    def _flow(self, flow_id: str, run_id: str | None = None) -> WorkflowHandle[Any, FlowView]:
        workflow_id = f"registration/{self._hashes.workflow_key(flow_id)}"
        return self._temporal.get_workflow_handle(workflow_id, run_id=run_id, result_type=FlowView)


@pytest.fixture
def operator(resources: Resources) -> Operator:
    return Operator(resources)


async def users_and_sessions(resources: Resources, person: Person) -> tuple[list[ObjectId], list[ObjectId]]:
    """The ids of all accounts with the person's address, and of all their sessions."""
    database = resources.clients.database
    users = [user["_id"] async for user in database["users"].find({"email": person.email})]
    sessions = [session["_id"] async for session in database["sessions"].find({"user_id": {"$in": users}})]
    return users, sessions


async def letters(mailbox: Mailbox, person: Person) -> int:
    kinds = ("create-account", "welcome-message")
    return sum([len(await mailbox.letters(person.email, kind)) for kind in kinds])


async def test_completed_registration_stays_as_it_is(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, operator: Operator
) -> None:
    ann = await register(api, mailbox)
    await mailbox.letter(ann.person.email, "welcome-message")
    before = await users_and_sessions(resources, ann.person)
    mails = await operator.mail_runs(ann.flow_id, "code-1", "welcome")

    state = await operator.resets(ann.flow_id)

    users, sessions = before
    assert state is FlowState.COMPLETED
    assert (len(users), len(sessions)) == (1, 1)
    assert await users_and_sessions(resources, ann.person) == before
    assert await operator.mail_runs(ann.flow_id, "code-1", "welcome") == mails
    assert await letters(mailbox, ann.person) == 2


async def test_right_code_after_four_wrong_ones_is_right_again(
    api: httpx.AsyncClient, mailbox: Mailbox, operator: Operator
) -> None:
    ann = new_person()
    flow_id = (await begin(api, ann))["flow_id"]
    code = await mailbox.code(ann.email, "create-account")
    answers = [await prove(api, ann, flow_id, each) for each in (*[WRONG] * 4, code)]
    assert answers[-1].status_code == 201, answers[-1].text
    assert await operator.end_of(flow_id) is FlowState.COMPLETED

    state = await operator.resets(flow_id)

    assert state is FlowState.COMPLETED


async def test_locked_registration_stays_locked(api: httpx.AsyncClient, operator: Operator) -> None:
    ann = new_person()
    flow_id = (await begin(api, ann))["flow_id"]
    answers = [await prove(api, ann, flow_id, WRONG) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [400] * 5
    assert await operator.end_of(flow_id) is FlowState.LOCKED

    state = await operator.resets(flow_id)

    assert state is FlowState.LOCKED


async def test_cancelled_registration_stays_cancelled(api: httpx.AsyncClient, operator: Operator) -> None:
    flow_id = (await begin(api, new_person()))["flow_id"]

    async def cancelled() -> bool:
        """A busy machine may answer 503 first; then nothing has happened, and one asks again."""
        return (await api.post(f"/flows/{flow_id}/cancel")).status_code == 200

    await eventually(cancelled)
    assert await operator.end_of(flow_id) is FlowState.CANCELLED

    state = await operator.resets(flow_id)

    assert state is FlowState.CANCELLED
