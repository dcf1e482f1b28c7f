"""Linking, listing and unlinking of wallets."""

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn
from tests.support.relationships import block
from tests.support.signed_in import forget_step_up, on_device
from tests.support.wallets import challenge, new_wallet, prove, signed, with_primary, with_wallet

VALIDATION = "/wallets/link/validation"
MINE = "/wallets/link/me"


def unlinking(address: str) -> str:
    return f"/wallets/link/unlink/{address}"


async def addresses(api: httpx.AsyncClient, someone: SignedIn) -> list[str]:
    return [wallet["address"] for wallet in data(await api.get(MINE, headers=someone.bearer))["wallets"]]


async def test_proven_wallet_is_linked(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = new_wallet()

    linked = data(await prove(api, someone, wallet), 201)

    assert linked.pop("_id")
    assert linked.pop("createdAt")
    assert linked == {
        "address": wallet.address.lower(),
        "user_id": someone.user["_id"],
        "chain_id": 1,
        "name_service": None,
        "is_primary": False,
    }


async def test_wallets_are_listed_newest_first(api: httpx.AsyncClient, someone: SignedIn) -> None:
    first, second = [await with_wallet(api, someone) for _ in range(2)]

    assert await addresses(api, someone) == [second.address.lower(), first.address.lower()]


async def test_wallets_are_shown_to_others(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    wallet, other = await with_wallet(api, someone), await make_account(resources)

    seen = data(await api.get(f"/wallets/link/{someone.user['_id']}", headers=other.bearer))["wallets"]

    assert [each["address"] for each in seen] == [wallet.address.lower()]


@pytest.mark.parametrize("kind", ["link", "primary"])
async def test_wallets_of_an_unknown_account_are_not_found(
    api: httpx.AsyncClient, someone: SignedIn, kind: str
) -> None:
    response = await api.get(f"/wallets/{kind}/{'0' * 24}", headers=someone.bearer)

    assert refusal(response) == (404, "UserNotFound")


@pytest.mark.parametrize("kind", ["link", "primary"])
async def test_wallets_of_a_deactivated_account_are_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, change_user: ChangeUser, kind: str
) -> None:
    other = await make_account(resources)
    await change_user(other.user["_id"], {"is_active": False})

    response = await api.get(f"/wallets/{kind}/{other.user['_id']}", headers=someone.bearer)

    assert refusal(response) == (404, "UserNotFound")


@pytest.mark.parametrize("kind", ["link", "primary"])
async def test_wallets_of_a_blocker_are_not_found(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn, kind: str
) -> None:
    other = await make_account(resources)
    await with_primary(api, other)
    data(await block(api, other, someone))

    response = await api.get(f"/wallets/{kind}/{other.user['_id']}", headers=someone.bearer)

    assert refusal(response) == (404, "UserNotFound")


async def test_wallet_is_linked_to_one_account(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    wallet, other = await with_wallet(api, someone), await make_account(resources)

    assert refusal(await prove(api, other, wallet)) == (409, "WalletLinked")
    assert refusal(await prove(api, someone, wallet)) == (409, "WalletLinked")


async def test_eleventh_wallet_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    for _ in range(10):
        await with_wallet(api, someone)

    assert refusal(await prove(api, someone, new_wallet())) == (409, "WalletLimit")


async def test_unlinked_wallet_frees_its_place(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallets = [await with_wallet(api, someone) for _ in range(10)]

    data(await api.delete(unlinking(wallets[3].address), headers=on_device(someone)))

    data(await prove(api, someone, new_wallet()), 201)
    assert wallets[3].address.lower() not in await addresses(api, someone)


async def test_unlinked_wallet_can_be_linked_to_another_account(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet, other = await with_wallet(api, someone), await make_account(resources)
    data(await api.delete(unlinking(wallet.address), headers=on_device(someone)))

    assert data(await prove(api, other, wallet), 201)["user_id"] == other.user["_id"]


async def test_wallet_of_another_account_cannot_be_unlinked(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet, other = await with_wallet(api, someone), await make_account(resources)

    response = await api.delete(unlinking(wallet.address), headers=on_device(other))

    assert refusal(response) == (404, "WalletNotFound")
    assert await addresses(api, someone) == [wallet.address.lower()]


async def test_primary_wallet_cannot_be_unlinked(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_primary(api, someone)

    response = await api.delete(unlinking(wallet.address.lower()), headers=on_device(someone))

    assert refusal(response) == (409, "PrimaryWallet")


async def test_unlinking_without_step_up_is_refused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet = await with_wallet(api, someone)
    await forget_step_up(resources, someone.session["_id"])

    early = await api.delete(unlinking(wallet.address), headers=on_device(someone))
    password = {"current_password": someone.person.password}
    data(await api.post("/auth/step-up", json=password, headers=on_device(someone)))
    late = await api.delete(unlinking(wallet.address), headers=on_device(someone))

    assert refusal(early) == (403, "StepUpRequired")
    assert data(late) is None


@pytest.mark.parametrize(
    "address",
    [
        "0x",
        "0x" + "1" * 39,
        "0x" + "1" * 41,
        "1" * 40,
        "0X" + "1" * 40,
        "0x" + "g" * 40,
        "0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "vitalik.eth",
    ],
)
async def test_malformed_address_is_refused(api: httpx.AsyncClient, someone: SignedIn, address: str) -> None:
    asked = await api.post("/wallets/auth/challenge", json={"address": address})
    unlinked = await api.delete(unlinking(address), headers=on_device(someone))

    assert [refusal(asked), refusal(unlinked)] == [(422, "InvalidInput")] * 2


async def test_uppercase_address_is_accepted(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet, headers = new_wallet(), on_device(someone)
    body = {"address": "0x" + wallet.address[2:].upper()}
    message = data(await api.post("/wallets/link/challenge", json=body, headers=headers))["message"]

    linked = data(await api.post(VALIDATION, json=signed(wallet, message), headers=headers), 201)

    assert message.split("\n")[1] == wallet.address
    assert linked["address"] == wallet.address.lower()


async def test_repeated_request_links_once_and_gets_the_same_answer(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet, headers = new_wallet(), on_device(someone) | {"Idempotency-Key": "link-this-once"}
    proof = signed(wallet, await challenge(api, wallet, "link", headers))

    first, again = [data(await api.post(VALIDATION, json=proof, headers=headers), 201) for _ in range(2)]
    other = await api.post(VALIDATION, json=signed(new_wallet(), proof["message"]), headers=headers)

    assert first == again
    assert refusal(other) == (409, "IdempotencyKeyReused")
    assert len(await addresses(api, someone)) == 1


async def test_owner_is_notified_by_mail_of_each_change(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    wallet = await with_wallet(api, someone)
    linked = await mailbox.letter(someone.person.email, "wallet-changed")
    data(await api.delete(unlinking(wallet.address), headers=on_device(someone)))
    unlinked = await mailbox.letter(someone.person.email, "wallet-changed", number=2)

    assert "has just been linked" in linked["text"]
    assert "has just been unlinked" in unlinked["text"]


async def test_changes_are_among_the_security_events(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_primary(api, someone)
    data(await api.patch("/wallets/primary/unset", json={"address": wallet.address}, headers=on_device(someone)))
    data(await api.delete(unlinking(wallet.address), headers=on_device(someone)))

    events = data(await api.get("/auth/security-events", headers=on_device(someone)))["events"]

    assert [event["kind"] for event in events[:4]] == [
        "wallet_unlinked",
        "primary_wallet_unset",
        "primary_wallet_set",
        "wallet_linked",
    ]


@pytest.mark.parametrize("user_id", ["no-id", "0" * 23, "0" * 25, "g" * 24])
@pytest.mark.parametrize("kind", ["link", "primary"])
async def test_malformed_id_is_refused(api: httpx.AsyncClient, someone: SignedIn, kind: str, user_id: str) -> None:
    assert refusal(await api.get(f"/wallets/{kind}/{user_id}", headers=someone.bearer)) == (422, "InvalidInput")
