"""The primary wallet: at most one, set by a signature with its key."""

import httpx

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.signed_in import on_device
from tests.support.wallets import challenge, new_wallet, prove, signed, with_primary, with_wallet

MINE = "/wallets/primary/me"
NONE = (404, "WalletNotFound")


async def primary_of(api: httpx.AsyncClient, someone: SignedIn) -> str | None:
    """Return the address as shown to every user; None if there is no primary wallet."""
    response = await api.get(f"/wallets/primary/{someone.user['_id']}", headers=someone.bearer)
    if response.status_code == 404:
        assert refusal(response) == NONE
        return None
    return str(data(response)["address"])


async def unset(api: httpx.AsyncClient, someone: SignedIn, address: str) -> httpx.Response:
    return await api.patch("/wallets/primary/unset", json={"address": address}, headers=on_device(someone))


async def test_proven_wallet_becomes_the_primary_one(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)

    answered = data(await prove(api, someone, wallet, "primary"))
    mine = data(await api.get(MINE, headers=someone.bearer))

    assert answered == mine
    assert (mine["address"], mine["is_primary"]) == (wallet.address.lower(), True)


async def test_linked_wallet_is_not_primary_by_default(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await with_wallet(api, someone)

    assert refusal(await api.get(MINE, headers=someone.bearer)) == NONE


async def test_primary_wallet_is_shown_to_others(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet, other = await with_primary(api, someone), await make_account(resources)

    seen = data(await api.get(f"/wallets/primary/{someone.user['_id']}", headers=other.bearer))

    assert seen["address"] == wallet.address.lower()


async def test_new_primary_wallet_replaces_the_old(api: httpx.AsyncClient, someone: SignedIn) -> None:
    await with_primary(api, someone)

    second = await with_primary(api, someone)

    listed = data(await api.get("/wallets/link/me", headers=someone.bearer))["wallets"]
    assert [wallet["address"] for wallet in listed if wallet["is_primary"]] == [second.address.lower()]


async def test_setting_the_same_primary_twice_records_one_event(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_primary(api, someone)

    data(await prove(api, someone, wallet, "primary"))

    events = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"]
    assert [event["kind"] for event in events].count("primary_wallet_set") == 1


async def test_unset_wallet_stays_linked(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_primary(api, someone)

    answered = data(await unset(api, someone, wallet.address))

    assert (answered["address"], answered["is_primary"]) == (wallet.address.lower(), False)
    assert await primary_of(api, someone) is None
    data(await unset(api, someone, wallet.address))


async def test_unsetting_another_wallet_keeps_the_primary(api: httpx.AsyncClient, someone: SignedIn) -> None:
    primary, other = await with_primary(api, someone), await with_wallet(api, someone)

    data(await unset(api, someone, other.address))

    assert await primary_of(api, someone) == primary.address.lower()


async def test_wallet_of_another_account_cannot_be_set_or_unset(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    theirs = await with_primary(api, await make_account(resources))
    body = {"address": theirs.address}

    asked = await api.post("/wallets/primary/challenge", json=body, headers=on_device(someone))

    assert refusal(asked) == refusal(await unset(api, someone, theirs.address)) == NONE


async def test_unknown_wallet_cannot_be_set(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = {"address": new_wallet().address}

    assert refusal(await api.post("/wallets/primary/challenge", json=body, headers=on_device(someone))) == NONE


async def test_owner_is_notified_by_mail(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    await with_primary(api, someone)

    letters = [await mailbox.letter(someone.person.email, "wallet-changed", number=number) for number in (1, 2)]

    assert any("become the primary wallet" in letter["text"] for letter in letters)


async def test_repeated_request_gets_the_same_answer(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)
    headers = on_device(someone) | {"Idempotency-Key": "choose-this-once"}
    proof = signed(wallet, await challenge(api, wallet, "primary", headers))

    answers = [data(await api.post("/wallets/primary/validation", json=proof, headers=headers)) for _ in range(2)]

    assert answers[0] == answers[1]
