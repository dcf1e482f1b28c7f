"""Wallets in MongoDB: each change with its event, done twice it is done once, and the count is true."""

import secrets
from datetime import UTC, datetime

from bson import ObjectId

from adapters.resources import Resources
from domain.auth.wallets import LinkOutcome, PrimaryWalletChange, UnlinkOutcome, Wallet
from domain.users.security_events import EventKind, SecurityEvent
from tests.support.accounts import make_account
from tests.support.people import SignedIn

NOW = datetime.now(UTC).replace(microsecond=0)


def new_wallet(resources: Resources, someone: SignedIn) -> Wallet:
    wallet_id, address = resources.hashes.new_object_id(), f"0x{secrets.token_hex(20)}"
    return Wallet(wallet_id, address, someone.user["_id"], 1, NOW)


def event(resources: Resources, someone: SignedIn, kind: EventKind = EventKind.WALLET_LINKED) -> SecurityEvent:
    return SecurityEvent(resources.hashes.new_object_id(), someone.user["_id"], kind, NOW)


async def linked(resources: Resources, someone: SignedIn) -> Wallet:
    wallet = new_wallet(resources, someone)
    assert await resources.auth.wallets.link(wallet, event(resources, someone)) is LinkOutcome.LINKED
    return wallet


async def count_of(resources: Resources, someone: SignedIn) -> int:
    """Return the number of wallets in the account document."""
    user = await resources.clients.database["users"].find_one({"_id": ObjectId(someone.user["_id"])})
    assert user is not None
    return int(user["wallet_count"])


async def test_linked_twice_is_linked_once(resources: Resources) -> None:
    someone = await make_account(resources)
    wallet, happened = new_wallet(resources, someone), event(resources, someone)

    outcomes = [await resources.auth.wallets.link(wallet, happened) for _ in range(2)]

    assert outcomes == [LinkOutcome.LINKED, LinkOutcome.LINKED]
    assert await resources.auth.wallets.list_wallets(someone.user["_id"]) == [wallet]
    assert await count_of(resources, someone) == 1


async def test_refused_link_leaves_nothing_behind(resources: Resources) -> None:
    someone, other = await make_account(resources), await make_account(resources)
    taken = await linked(resources, someone)
    again, happened = new_wallet(resources, other), event(resources, other)

    outcome = await resources.auth.wallets.link(Wallet(again.wallet_id, taken.address, again.user_id, 1, NOW), happened)

    assert outcome is LinkOutcome.TAKEN
    assert await count_of(resources, other) == 0
    assert not await resources.users.security_events.is_recorded(happened.event_id)


async def test_account_that_is_not_active_gets_no_wallet(resources: Resources) -> None:
    someone = await make_account(resources)
    users = resources.clients.database["users"]
    await users.update_one({"_id": ObjectId(someone.user["_id"])}, {"$set": {"is_active": False}})

    outcome = await resources.auth.wallets.link(new_wallet(resources, someone), event(resources, someone))

    assert outcome is LinkOutcome.FULL
    assert await resources.auth.wallets.list_wallets(someone.user["_id"]) == []


async def test_unlinked_once_it_is_not_there_any_more(resources: Resources) -> None:
    someone = await make_account(resources)
    wallet = await linked(resources, someone)
    kind = EventKind.WALLET_UNLINKED

    outcomes = [await resources.auth.wallets.unlink(wallet.address, event(resources, someone, kind)) for _ in range(2)]

    assert outcomes == [UnlinkOutcome.UNLINKED, UnlinkOutcome.UNKNOWN]
    assert await count_of(resources, someone) == 0


async def test_primary_wallet_stays_and_so_does_its_place(resources: Resources) -> None:
    someone = await make_account(resources)
    wallet, happened = await linked(resources, someone), event(resources, someone, EventKind.PRIMARY_WALLET_SET)
    await resources.auth.wallets.set_primary(wallet.address, happened, is_primary=True)

    assert await resources.auth.wallets.unlink(wallet.address, event(resources, someone)) is UnlinkOutcome.PRIMARY
    assert await count_of(resources, someone) == 1


async def test_change_that_changes_nothing_records_nothing(resources: Resources) -> None:
    someone = await make_account(resources)
    wallet, happened = await linked(resources, someone), event(resources, someone, EventKind.PRIMARY_WALLET_UNSET)

    change = await resources.auth.wallets.set_primary(wallet.address, happened, is_primary=False)

    assert change == PrimaryWalletChange(wallet, is_new=False)
    assert not await resources.users.security_events.is_recorded(happened.event_id)


async def test_owner_is_found_by_the_address_in_any_letters(resources: Resources) -> None:
    someone = await make_account(resources)
    wallet = await linked(resources, someone)

    owner = await resources.auth.wallets.find_user_by_wallet(f"0x{wallet.address[2:].upper()}")

    assert owner is not None
    assert owner.user_id == someone.user["_id"]
    assert await resources.auth.wallets.find_user_by_wallet(f"0x{'0' * 40}") is None
