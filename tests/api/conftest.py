"""Fixtures of the API tests: accounts, flows of a given age, and direct writes to the store."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId
from temporalio.api.enums.v1 import EventType

from adapters.resources import Resources
from api.flows.client import FlowClient
from api.flows.start import FlowStart
from domain.email_address import email_key
from domain.flows import FlowKind
from tests.support.accounts import make_account
from tests.support.mailbox import Mailbox
from tests.support.people import Person, SignedIn, begin, new_person, register
from tests.support.polling import eventually
from workflows.accounts.registration import Registration, RegistrationInput
from workflows.queues import Queue

BeginAt = Callable[..., Awaitable[str]]
ChangeUser = Callable[[str, dict[str, Any]], Awaitable[None]]
ChangeSession = ChangeUser


@pytest.fixture
def begin_aged(resources: Resources) -> BeginAt:
    """Start a registration as the API does, `age` ago and with codes that live for `life`. Returns its flow id."""

    async def begin(person: Person, *, age: timedelta = timedelta(0), life: timedelta = timedelta(minutes=10)) -> str:
        asked_at = datetime.now(UTC) - age
        order = RegistrationInput(
            flow_id=resources.hashes.new_flow_id(FlowKind.REGISTRATION, None),
            username=person.username,
            email_address=person.email,
            password_hashed=await resources.auth.password_hasher.hash(person.password),
            is_known=False,
            asked_at=asked_at,
            key_id=resources.codes.current_key_id,
            code_life_seconds=int(life.total_seconds()),
            body_hash="",
        )
        start = FlowStart(
            run=Registration.run,
            input=order,
            queue=Queue.IDENTITY,
            subject_hash=resources.hashes.subject_hash(email_key(person.email)),
            summary="Registration of a new account",
        )
        await FlowClient(resources.temporal, resources.hashes).start(start, Registration.wait_started, asked_at)
        return order.flow_id

    return begin


@pytest.fixture
def change_user(resources: Resources) -> ChangeUser:
    """Set fields of an account's document."""

    async def change(user_id: str, fields: dict[str, Any]) -> None:
        users = resources.clients.database["users"]
        assert (await users.update_one({"_id": ObjectId(user_id)}, {"$set": fields})).matched_count == 1

    return change


@pytest.fixture
def change_session(resources: Resources) -> ChangeSession:
    """Set fields of a session's document."""

    async def change(session_id: str, fields: dict[str, Any]) -> None:
        sessions = resources.clients.database["sessions"]
        assert (await sessions.update_one({"_id": ObjectId(session_id)}, {"$set": fields})).matched_count == 1

    return change


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A new account, signed in on a trusted device."""
    return await make_account(resources)


@pytest.fixture
async def no_other_admins(resources: Resources) -> AsyncIterator[None]:
    """Deactivate the accounts of other tests that can assign roles while this one checks the last one; restore them
    afterwards.
    """
    users = resources.clients.database["users"]
    others = {"is_active": True, "$or": [{"role": {"$in": ["admin", "super_admin"]}}, {"grants.name": {"$exists": 1}}]}
    ids = [document["_id"] async for document in users.find(others, {"_id": 1})]
    await users.update_many({"_id": {"$in": ids}}, {"$set": {"is_active": False}})
    yield
    await users.update_many({"_id": {"$in": ids}}, {"$set": {"is_active": True}})


@pytest.fixture
async def registered(api: httpx.AsyncClient, mailbox: Mailbox) -> SignedIn:
    """An account from a registration that has just completed."""
    return await register(api, mailbox)


@pytest.fixture
async def quiet_flow(api: httpx.AsyncClient, resources: Resources) -> str:
    """Id of a registration flow that waits for its code after its mail was sent: only steps reach it."""
    flow_id = str((await begin(api, new_person()))["flow_id"])
    await seen_off(resources, flow_id)
    return flow_id


async def seen_off(resources: Resources, flow_id: str) -> None:
    """Return once the mail of the flow, its one activity on a queue, is completed in its history."""
    flow = resources.temporal.get_workflow_handle(f"registration/{resources.hashes.workflow_key(flow_id)}")
    done = EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED

    async def is_known() -> bool:
        return any([event.event_type == done async for event in flow.fetch_history_events()])

    await eventually(is_known)


@pytest.fixture
def key() -> dict[str, str]:
    """A header with a new Idempotency-Key."""
    return {"Idempotency-Key": secrets.token_hex(16)}
