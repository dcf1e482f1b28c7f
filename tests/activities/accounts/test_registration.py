"""Make the account of a registration: done twice is done once, and one of many wins."""

import asyncio
import secrets
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.accounts.registration import AccountCreationOutcome, AddressHolder
from domain.journal.occurrences import OccurrenceType
from tests.support.occurrences import occurrences_of
from tests.support.people import SignedIn, new_person
from tests.support.registration import Steps, holder_of


async def accounts(resources: Resources, **wanted: object) -> list[dict[str, Any]]:
    return await resources.clients.database["users"].find(wanted).to_list()


@pytest.mark.defect(46)
async def test_account_is_created_with_its_sync_pending_and_no_hold(steps: Steps, resources: Resources) -> None:
    person = new_person()
    await steps.hold(person.username)

    created = await steps.create(person)

    (account,) = await accounts(resources, username=person.username)
    assert (created.creation, created.user_id) == (AccountCreationOutcome.CREATED, str(account["_id"]))
    assert account["sync_open_since"] == account["createdAt"]
    assert (account["profile_version"], account["synced_version"]) == (1, 0)
    assert await holder_of(resources, person.username) is None


async def test_account_made_twice_is_one_account(steps: Steps, resources: Resources) -> None:
    person = new_person()
    await steps.hold(person.username)

    first, second = [await steps.create(person, has_device=True) for _ in range(2)]

    assert first == second
    assert first.creation is AccountCreationOutcome.CREATED
    assert len(await accounts(resources, email=person.email)) == 1
    assert await holder_of(resources, person.username) is None


@pytest.mark.parametrize("has_device", [True, False])
async def test_account_made_twice_is_told_once_in_the_journal_and_the_end_of_its_flow_too(
    steps: Steps, resources: Resources, has_device: bool
) -> None:
    person = new_person()
    await steps.hold(person.username)

    created, _ = [await steps.create(person, has_device=has_device) for _ in range(2)]

    made, ended = OccurrenceType.USER_CREATED, OccurrenceType.FLOW_ENDED
    assert await occurrences_of(resources, created.user_id) == [(made, {})]
    completed = {"kind": "registration", "state": "completed"}
    assert await occurrences_of(resources, steps.owner) == [(ended, completed)]


async def test_account_made_several_times_at_once_is_one_account(steps: Steps, resources: Resources) -> None:
    person = new_person()
    await steps.hold(person.username)

    answers = await asyncio.gather(*(steps.create(person) for _ in range(5)))

    assert len(set(answers)) == 1
    assert answers[0].creation is AccountCreationOutcome.CREATED
    assert len(await accounts(resources, email=person.email)) == 1


async def test_address_that_was_proved_by_another_first_is_taken(
    steps: Steps, someone: SignedIn, resources: Resources
) -> None:
    late = new_person(email=someone.person.email.upper())
    await steps.hold(late.username)

    created = await steps.create(late, has_device=True)

    assert created.creation is AccountCreationOutcome.EMAIL_TAKEN
    assert created.holder == AddressHolder(someone.person.email)
    assert not await accounts(resources, username=late.username)
    assert not await sessions_of(resources, created.user_id)
    assert await holder_of(resources, late.username) == steps.owner


async def test_name_that_another_holds_by_now_is_taken_and_their_hold_untouched(
    steps: Steps, others: Steps, resources: Resources
) -> None:
    person = new_person()
    await steps.hold(person.username, life=timedelta(milliseconds=-1))
    await others.hold(person.username)

    created = await steps.create(person)

    assert created.creation is AccountCreationOutcome.USERNAME_TAKEN
    assert not await accounts(resources, username=person.username)
    assert await holder_of(resources, person.username) == others.owner


async def test_name_that_an_account_bears_by_now_is_taken(
    steps: Steps, someone: SignedIn, resources: Resources
) -> None:
    late = new_person(username=someone.person.username)

    created = await steps.create(late)

    assert created.creation is AccountCreationOutcome.USERNAME_TAKEN
    assert await holder_of(resources, late.username) is None


@pytest.mark.defect(55)
async def test_two_hundred_concurrent_registrations_of_one_name_make_one_account(
    crowd: list[Steps], resources: Resources
) -> None:
    person = new_person()

    async def register(steps: Steps) -> bool:
        mine = replace(person, email=f"{secrets.token_hex(8)}@people.test")
        creation = (await steps.create(mine)).creation if await steps.hold(person.username) else None
        return creation is AccountCreationOutcome.CREATED

    answers = await asyncio.gather(*map(register, crowd))

    assert Counter(answers) == {True: 1, False: len(crowd) - 1}
    assert len(await accounts(resources, username=person.username)) == 1


async def test_account_that_is_made_for_the_right_code_wakes_the_graph_sync(steps: Steps) -> None:
    created = await steps.finish(new_person())

    assert created is not None
    assert steps.woken == [created.user_id]


async def test_decoy_makes_no_account_and_wakes_no_shard(steps: Steps) -> None:
    assert await steps.finish(new_person(), is_decoy=True) is None
    assert steps.woken == []


async def test_account_begins_with_a_session_on_a_trusted_device(steps: Steps, resources: Resources) -> None:
    person = new_person()

    created = await steps.create(person, has_device=True)

    assert created.session_id is not None
    found = await resources.auth.sessions.find_with_user(created.session_id)
    assert found is not None
    session, user = found
    assert (session.user_id, session.generation, session.is_active) == (created.user_id, 1, True)
    assert user.last_login == session.created_at
    (device,) = await resources.auth.devices.list_trusted(created.user_id)
    assert device.fingerprint == resources.hashes.fingerprint_hash(created.user_id, person.fingerprint)
    assert device.device_id == session.device_id


async def test_account_made_again_does_not_revive_its_revoked_session(steps: Steps, resources: Resources) -> None:
    person = new_person()
    created = await steps.create(person, has_device=True)
    assert created.session_id is not None
    await resources.auth.sessions.end(created.session_id, datetime.now(UTC))

    await steps.create(person, has_device=True)

    (session,) = await sessions_of(resources, created.user_id)
    assert session["is_active"] is False


async def test_device_is_stored_without_its_fingerprint(steps: Steps, resources: Resources) -> None:
    person = new_person()

    created = await steps.create(person, has_device=True)

    devices = resources.clients.database["device_fingerprints"]
    documents = await devices.find({"user_id": ObjectId(created.user_id)}).to_list()
    assert len(documents) == 1
    assert person.fingerprint not in str(documents)


async def sessions_of(resources: Resources, user_id: str) -> list[dict[str, Any]]:
    return await resources.clients.database["sessions"].find({"user_id": ObjectId(user_id)}).to_list()
