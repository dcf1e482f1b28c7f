"""Owners are reminded of keys that end soon, once for each date, however late and however often it is tried. Of
their uses the last thirty days are kept.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from activities.auth.key_upkeep import DropUses, KeyUpkeepActivities, Reminders, WriteReminders
from activities.delivery.mail import MailInput
from adapters.mongo.auth.api_key_documents import key_document
from adapters.mongo.auth.api_key_uses import ApiKeyUseStore, KeyUses
from adapters.mongo.auth.key_reminders import KeyReminderStore
from adapters.mongo.client import Database
from adapters.resources import Resources
from domain.auth.api_keys import DayOfUse
from domain.delivery.mail import MailKind
from domain.moments import written_minute
from tests.support.accounts import make_account
from tests.support.builders import API_KEY
from tests.support.keys import HASHES
from tests.support.people import SignedIn

NOW = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass(frozen=True)
class OwnKeys:
    """Keys in a database of the test's own, all of one owner."""

    database: Database
    owner: SignedIn
    upkeep: KeyUpkeepActivities

    async def add(self, *, ends_in: timedelta, lasts: timedelta = timedelta(days=90), **changed: object) -> str:
        """Return the id of a new key."""
        key_id, expires_at = secrets.token_hex(12), NOW + ends_in
        key = replace(API_KEY, key_id=key_id, prefix=key_id, user_id=self.owner.user["_id"], epoch=0)
        key = replace(key, expires_at=expires_at, created_at=expires_at - lasts)
        await self.database["api_keys"].insert_one(key_document(key) | changed)
        return key_id

    async def set_owner(self, **fields: object) -> None:
        await self.database["users"].update_one({"_id": ObjectId(self.owner.user["_id"])}, {"$set": fields})

    async def use(self, key_id: str, *days_ago: int) -> None:
        for days in days_ago:
            at = NOW - timedelta(days=days)
            counts = DayOfUse(at.date().isoformat(), 2, 1, ["GET /a"])
            await ApiKeyUseStore(self.database).add([KeyUses(key_id, counts, at, "203.0.113.0/24")])

    async def days_used(self, key_id: str) -> list[str]:
        uses = await ApiKeyUseStore(self.database).find(self.owner.user["_id"], key_id)
        assert uses is not None
        return [day for day, counts in uses.items() if counts == DayOfUse(day, 2, 1, ["GET /a"])]

    async def write(self, days_later: float = 0) -> Reminders:
        return await self.upkeep.write_reminders(WriteReminders(NOW + timedelta(days=days_later)))

    async def remind(self, days_later: float = 0) -> list[MailInput]:
        """Return the mails of one day."""
        written = await self.write(days_later)
        await self.upkeep.close_reminders(written)
        return written.mails


@pytest.fixture
async def keys(resources: Resources) -> AsyncIterator[OwnKeys]:
    owner, database = await make_account(resources), resources.clients.mongo[f"keys_{secrets.token_hex(4)}"]
    account = await resources.clients.database["users"].find_one({"_id": ObjectId(owner.user["_id"])})
    assert account
    await database["users"].insert_one(account)
    yield OwnKeys(database, owner, KeyUpkeepActivities(KeyReminderStore(database), ApiKeyUseStore(database), HASHES))
    await resources.clients.mongo.drop_database(database.name)


async def test_owner_is_mailed_fourteen_days_and_one_day_before_the_end(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(days=14))

    days = [await keys.remind(day) for day in range(14)]

    assert [day for day, mails in enumerate(days) if mails] == [0, 13]


async def test_mail_names_the_key_its_end_and_no_secret(keys: OwnKeys) -> None:
    key_id = await keys.add(ends_in=timedelta(days=14))

    [mail] = await keys.remind()

    end = NOW + timedelta(days=14)
    username = keys.owner.user["username"]
    variables = {"username": username, "name": "report", "prefix": key_id, "at": written_minute(end)}
    assert (mail.kind, mail.give_up_at) == (MailKind.API_KEY_REMINDER, end)
    assert (mail.recipient, mail.variables) == (keys.owner.person.email, variables)


async def test_missed_day_is_made_up_for_once(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(days=13))

    mails = [await keys.remind(hour / 24) for hour in range(3)]

    assert list(map(len, mails)) == [1, 0, 0]


async def test_key_that_was_missed_twice_has_only_the_last_mail(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(hours=20))

    assert [len(await keys.remind()) for _ in range(2)] == [1, 0]


async def test_key_made_for_ten_days_has_only_the_last_mail(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(days=10), lasts=timedelta(days=10))

    days = [await keys.remind(day) for day in range(10)]

    assert [day for day, mails in enumerate(days) if mails] == [9]


async def test_repeat_before_the_reminders_are_closed_is_the_same_mail(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(days=14))
    first, second = await keys.write(), await keys.write(1)

    await keys.upkeep.close_reminders(second)

    last = await keys.write(13)
    assert first.mails[0].key == second.mails[0].key
    assert first.mails[0].key != last.mails[0].key


@pytest.mark.parametrize(
    "fields", [{"is_active": False}, {"session_epoch": 1}], ids=["deactivated", "all sessions ended"]
)
async def test_owner_whose_keys_have_ended_is_not_mailed(keys: OwnKeys, fields: dict[str, object]) -> None:
    await keys.add(ends_in=timedelta(days=14))
    await keys.set_owner(**fields)

    assert await keys.remind() == []


async def test_revoked_or_ended_key_or_one_without_an_account_has_no_mail(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(days=14), revoked_at=NOW)
    await keys.add(ends_in=timedelta(0))
    await keys.add(ends_in=timedelta(days=14), user_id=ObjectId())

    written = await keys.write()

    assert (written.mails, len(written.next_dates)) == ([], 3)


async def test_more_than_a_batch_is_reminded_in_pages(keys: OwnKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("activities.auth.key_upkeep.BATCH_SIZE", 2)
    ids = [await keys.add(ends_in=timedelta(days=14)) for _ in range(3)]

    pages = [await keys.write()]
    await keys.upkeep.close_reminders(pages[0])
    pages.append(await keys.write())

    assert [(len(page.mails), page.is_full) for page in pages] == [(2, True), (1, False)]
    assert {key for page in pages for key in page.next_dates} == set(ids)


async def test_uses_of_the_last_thirty_days_are_kept(keys: OwnKeys) -> None:
    key_id = await keys.add(ends_in=timedelta(days=30))
    await keys.use(key_id, 400, 30, 29, 0)

    assert await keys.upkeep.drop_uses(DropUses(NOW)) is None

    assert await keys.days_used(key_id) == ["2026-05-03", "2026-06-01"]


async def test_old_uses_of_more_than_a_batch_are_dropped_from_where_it_was(
    keys: OwnKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("activities.auth.key_upkeep.USES_BATCH_SIZE", 1)
    monkeypatch.setattr("activities.auth.key_upkeep.MAX_BATCHES_OF_USES", 2)
    ids = sorted([await keys.add(ends_in=timedelta(days=30)) for _ in range(3)])
    await asyncio.gather(*(keys.use(key_id, 30, 1) for key_id in ids))

    after = await keys.upkeep.drop_uses(DropUses(NOW))
    left = [len(await keys.days_used(key_id)) for key_id in ids]
    end = await keys.upkeep.drop_uses(DropUses(NOW, after))

    assert (after, left, end) == (ids[1], [1, 1, 2], None)
    assert [await keys.days_used(key_id) for key_id in ids] == [["2026-05-31"]] * 3


async def test_key_without_uses_has_none_afterwards(keys: OwnKeys) -> None:
    await keys.add(ends_in=timedelta(days=30))
    before = await keys.database["api_keys"].find_one()

    await keys.upkeep.drop_uses(DropUses(NOW))

    assert await keys.database["api_keys"].find_one() == before
