"""A flow that an operator resets to its first task has the same outcome and no second effect.

On the dev stack: the time-skipping server cannot reset.
"""

import httpx
from bson import ObjectId

from adapters.resources import Resources
from domain.flows import FlowState
from tests.support.mailbox import Mailbox
from tests.support.people import Person, begin, new_person, prove, register
from tests.support.polling import eventually
from tests.workflows.operator import Operator

WRONG = "WRQNG2"


async def users_and_sessions(resources: Resources, person: Person) -> tuple[list[ObjectId], list[ObjectId]]:
    """Return the ids of all accounts with the user's address, and of all their sessions."""
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

    state = await operator.resets(ann.flow_id)

    users, sessions = before
    assert state is FlowState.COMPLETED
    assert (len(users), len(sessions)) == (1, 1)
    assert await users_and_sessions(resources, ann.person) == before
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
        """A busy machine may answer 503 first. Cancelled twice is cancelled, so the request is repeated."""
        return (await api.post(f"/flows/{flow_id}/cancel")).status_code == 200

    await eventually(cancelled)
    assert await operator.end_of(flow_id) is FlowState.CANCELLED

    state = await operator.resets(flow_id)

    assert state is FlowState.CANCELLED
