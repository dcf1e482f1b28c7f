"""The journal over HTTP: who may search it, for what, and that each reading of it is recorded."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from bson import ObjectId

from adapters.resources import Resources
from domain.journal.chain import Link
from domain.journal.occurrences import Occurrence, OccurrenceType, Party
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, fields, refusal
from tests.support.journal import occurrence
from tests.support.people import SignedIn
from tests.support.polling import eventually

AUDIT, OWN = "/audit", "/users/me/audit"


@pytest.fixture
async def admin(resources: Resources, change_user: ChangeUser) -> SignedIn:
    admin = await make_account(resources)
    await change_user(admin.user["_id"], {"role": "admin"})
    return admin


async def write(resources: Resources, *occurrences: Occurrence) -> None:
    """Record these, and wait until they have their numbers."""
    for each in occurrences:
        await resources.journal.occurrences.record(each)
    await settled(resources)


async def settled(resources: Resources) -> None:
    """Wait until all that has happened is in the journal."""

    async def is_empty() -> bool:
        return await resources.clients.database["occurrences"].count_documents({"failed_at": None}) == 0

    await eventually(is_empty)


async def drop_keys(resources: Resources, *parties: Party) -> None:
    """As an erasure does."""
    for party in parties:
        erased = {"erased_at": datetime.now(UTC)}
        await resources.clients.database["subject_keys"].replace_one({"_id": ObjectId(party.id)}, erased)


async def sign(resources: Resources, entry: Json) -> None:
    """Make the checkpoint of this entry."""
    now = datetime.now(UTC)
    signed = resources.journal.checkpoint_tokens.sign(Link(entry["seq"], entry["hash"]), now)
    await resources.journal.checkpoints.keep(signed, now, owner="a-test")


async def page(api: httpx.AsyncClient, reader: SignedIn, path: str = AUDIT, **query: Any) -> Json:
    found: Json = data(await api.get(path, params=query, headers=reader.bearer))
    return found


async def readings(api: httpx.AsyncClient, resources: Resources, reader: SignedIn) -> list[Mapping[str, Any]]:
    """The journal's records of what this reader has asked for, newest first."""
    await settled(resources)
    found = await page(api, reader, OWN, type="audit.read")
    return [entry["public"] for entry in found["entries"]]


async def test_entry_tells_what_happened_to_whom_from_where(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    written = occurrence(at=datetime.now(UTC), actor_words={"device": "a laptop", "network": "192.0.2.0/24"})
    await write(resources, written)
    assert written.actor
    assert written.subject

    (entry,) = (await page(api, admin, actor=written.actor.id))["entries"]

    assert len(entry.pop("hash")) == 64
    assert entry.pop("seq") > 1
    assert entry.pop("at").startswith(f"{written.at:%Y-%m-%dT%H:%M:%S}")
    assert entry == {
        "type": "role.assigned",
        "actor": {"kind": "user", "id": written.actor.id, "key_id": None},
        "subject": {"kind": "user", "id": written.subject.id, "key_id": None},
        "request_id": None,
        "cause": None,
        "network": "192.0.2.0/24",
        "device": "a laptop",
        "public": {"from": "user", "to": "editor"},
        "data": {"reason": "asked for it"},
    }


async def test_request_is_found_by_its_id(api: httpx.AsyncClient, resources: Resources, admin: SignedIn) -> None:
    request_id = secrets.token_hex(16)
    login = await api.post("/auth/login", json=admin.person.credentials, headers={"X-Request-ID": request_id})
    assert login.status_code == 200
    await settled(resources)

    (entry,) = (await page(api, admin, request_id=request_id))["entries"]

    assert (entry["type"], entry["actor"]["id"]) == ("user.login", admin.user["_id"])


async def test_walk_by_cursor_meets_each_entry_once(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    first, second, third = [occurrence(at=datetime.now(UTC)) for _ in range(3)]
    actor = first.actor
    assert actor
    await write(resources, first, replace(second, actor=actor), replace(third, actor=actor))

    newer = await page(api, admin, actor=actor.id, limit=2)
    await write(resources, replace(occurrence(at=datetime.now(UTC)), actor=actor))
    older = await page(api, admin, actor=actor.id, limit=2, cursor=newer["meta"]["next_cursor"])

    assert (len(newer["entries"]), newer["meta"]["is_last_page"]) == (2, False)
    assert older["meta"] == {"limit": 2, "is_last_page": True, "next_cursor": None}
    (oldest,) = older["entries"]
    assert oldest["seq"] not in {entry["seq"] for entry in newer["entries"]}


async def test_entry_that_was_edited_into_another_shape_is_shown_as_unreadable(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    written = occurrence(at=datetime.now(UTC))
    await write(resources, written)
    assert written.actor
    entries, place = resources.clients.database["journal"], {"_id": ObjectId(written.occurrence_id)}
    before = await entries.find_one_and_update(place, {"$set": {"public": {"n": {"m": 1.5}}}})
    assert before
    try:
        (listed,) = (await page(api, admin, actor=written.actor.id))["entries"]
        shown = data(await api.get(f"{AUDIT}/{before['seq']}", headers=admin.bearer))["entry"]
    finally:
        await entries.replace_one(place, before)

    assert (listed["seq"], listed["type"], listed["public"]) == (before["seq"], "unreadable", {})
    assert shown == listed


async def test_words_of_an_erased_user_are_null(api: httpx.AsyncClient, resources: Resources, admin: SignedIn) -> None:
    written = occurrence(at=datetime.now(UTC))
    await write(resources, written)
    assert written.actor
    assert written.subject
    await drop_keys(resources, written.actor, written.subject)

    (entry,) = (await page(api, admin, actor=written.actor.id))["entries"]

    assert (entry["network"], entry["device"], entry["data"]) == (None, None, None)
    assert entry["public"] == {"from": "user", "to": "editor"}


async def test_each_page_and_each_entry_that_is_read_is_recorded(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    found = await page(api, admin, subject=admin.user["_id"], type="user.*", limit=1)
    await page(api, admin, limit=1, cursor=found["meta"]["next_cursor"] or "0-0")
    data(await api.get(f"{AUDIT}/1", headers=admin.bearer))

    assert await readings(api, resources, admin) == [
        {"seq": 1},
        {},
        {"subject": admin.user["_id"], "type": "user.*"},
    ]


async def test_record_of_a_reading_holds_nothing_that_was_typed(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    await page(api, admin, actor="maria.smith")

    assert await readings(api, resources, admin) == [{"actor": "other"}]


async def test_reading_is_not_answered_unless_it_is_recorded(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    forbids = {"type": {"$ne": OccurrenceType.AUDIT_READ}}
    await resources.clients.database.command("collMod", "occurrences", validator=forbids)
    try:
        answers = [await api.get(path, headers=admin.bearer) for path in (AUDIT, f"{AUDIT}/1")]
    finally:
        await resources.clients.database.command("collMod", "occurrences", validator={})

    assert [refusal(answer) for answer in answers] == [(500, "InternalError")] * 2


async def test_user_sees_what_they_did_and_what_was_done_to_them(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    me = occurrence(at=datetime.now(UTC)).actor
    assert me
    me = replace(me, id=someone.user["_id"])
    network = {"network": "192.0.2.0/24"}
    by_me = occurrence(at=datetime.now(UTC), actor=me, actor_words=network)
    to_me = occurrence(at=datetime.now(UTC), subject=me, actor_words=network)
    await write(resources, by_me, to_me, occurrence(at=datetime.now(UTC)))

    entries = (await page(api, someone, OWN, type="role.*"))["entries"]

    shown = {entry["actor"]["id"]: (entry["network"], entry["device"], entry["data"]) for entry in entries}
    assert to_me.actor
    assert shown == {
        someone.user["_id"]: ("192.0.2.0/24", None, None),
        to_me.actor.id: (None, None, {"reason": "asked for it"}),
    }


async def test_own_entries_are_read_without_a_record(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    await page(api, someone, OWN)

    assert await readings(api, resources, someone) == []


async def test_head_is_the_newest_entry(api: httpx.AsyncClient, resources: Resources, admin: SignedIn) -> None:
    await write(resources, occurrence(at=datetime.now(UTC)))

    head = data(await api.get(f"{AUDIT}/head", headers=admin.bearer))

    located = data(await api.get(f"{AUDIT}/{head['seq']}", headers=admin.bearer))
    assert located["entry"]["hash"] == head["hash"]


async def test_entry_is_shown_between_the_checkpoints_around_it(
    api: httpx.AsyncClient, resources: Resources, admin: SignedIn
) -> None:
    told = occurrence(at=datetime.now(UTC))
    await write(resources, told)
    (newer,) = (await page(api, admin, actor=told.actor.id if told.actor else ""))["entries"]
    older = data(await api.get(f"{AUDIT}/{newer['seq'] - 1}", headers=admin.bearer))["entry"]
    await sign(resources, older)
    await sign(resources, newer)

    located = data(await api.get(f"{AUDIT}/{newer['seq']}", headers=admin.bearer))
    behind = f"{AUDIT}/checkpoints?limit=1&cursor={newer['seq'] + 1}"
    listed = data(await api.get(behind, headers=admin.bearer))

    assert located["prev"] == older["hash"]
    assert (located["before"]["seq"], located["after"]["seq"]) == (older["seq"], newer["seq"])
    assert located["after"] in listed["checkpoints"]


async def test_number_that_was_never_given_is_not_found(api: httpx.AsyncClient, admin: SignedIn) -> None:
    assert refusal(await api.get(f"{AUDIT}/{10**14}", headers=admin.bearer)) == (404, "EntryNotFound")


@pytest.mark.parametrize("number", ["0", "-1", "x", str(10**15), "1.5"])
async def test_other_than_a_number_is_no_entry(api: httpx.AsyncClient, admin: SignedIn, number: str) -> None:
    assert fields(await api.get(f"{AUDIT}/{number}", headers=admin.bearer)) == {"path.seq"}


@pytest.mark.parametrize("path", [AUDIT, f"{AUDIT}/head", f"{AUDIT}/1"])
async def test_user_without_the_permission_is_refused(api: httpx.AsyncClient, someone: SignedIn, path: str) -> None:
    assert refusal(await api.get(path, headers=someone.bearer)) == (403, "Forbidden")


async def test_refused_reader_leaves_no_record(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    await api.get(AUDIT, headers=someone.bearer)

    assert await readings(api, resources, someone) == []


BAD = {
    "type": ["ghost.walked", "user", "*", "us*"],
    "from": ["yesterday", "2026-01-31", "2026-01-31T09:30:00", "1769851800", "0001-01-01T00:00:00+14:00"],
    "to": ["2026-13-31T09:30:00Z"],
    "actor": ["maria@example.com", "a b", "x" * 201],
    "subject": ["\x00"],
    "request_id": ["short", "ä" * 8],
    "cause": ["a b"],
    "limit": ["0", "101", "x"],
    "cursor": ["garbage", "1-", "9" * 15 + "-1"],
}
SENT = [(path, name, typed) for name, values in BAD.items() for typed in values for path in (AUDIT, OWN)]
UNKNOWN_TO_OWN = ("actor", "subject")


async def test_bad_input_is_refused_by_field(api: httpx.AsyncClient, admin: SignedIn) -> None:
    sent = [each for each in SENT if each[:2] not in {(OWN, name) for name in UNKNOWN_TO_OWN}]

    found = [fields(await api.get(path, params={name: typed}, headers=admin.bearer)) for path, name, typed in sent]

    assert found == [{f"query.{name}"} for _, name, _ in sent]


async def test_end_before_the_beginning_is_refused(api: httpx.AsyncClient, admin: SignedIn) -> None:
    times = {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}

    assert fields(await api.get(AUDIT, params=times, headers=admin.bearer)) == {"query.to"}
