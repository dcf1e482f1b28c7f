"""Concurrent wallet requests: one use per challenge, one account per address, the limit, one primary."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import httpx
import pytest

from adapters.resources import Resources
from tests.support.accounts import make_account
from tests.support.envelope import data
from tests.support.people import SignedIn
from tests.support.signed_in import on_device
from tests.support.wallets import challenge, new_wallet, signed, with_wallet

LINK = "/wallets/link/validation"


def outcomes(answers: Sequence[httpx.Response]) -> Counter[str]:
    """Count the answers by outcome: `ok`, or the error name."""
    return Counter(answer.json().get("error", "ok") for answer in answers)


async def own(api: httpx.AsyncClient, someone: SignedIn) -> list[dict[str, object]]:
    wallets: list[dict[str, object]] = data(await api.get("/wallets/link/me", headers=someone.bearer))["wallets"]
    return wallets


@pytest.mark.defect(22)
async def test_fifty_concurrent_identical_links_succeed_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet, headers = new_wallet(), on_device(someone)
    proof = signed(wallet, await challenge(api, wallet, "link", headers))

    answers = await asyncio.gather(*(api.post(LINK, json=proof, headers=headers) for _ in range(50)))

    assert outcomes(answers) == {"ok": 1, "WalletProofInvalid": 49}


async def test_fifty_concurrent_identical_sign_ins_succeed_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = await with_wallet(api, someone)
    body = signed(wallet, await challenge(api, wallet, "auth")) | someone.person.device

    answers = await asyncio.gather(*(api.post("/wallets/auth/validation", json=body) for _ in range(50)))

    assert outcomes(answers) == {"ok": 1, "WalletProofInvalid": 49}


async def test_wallet_linked_by_two_accounts_at_once_goes_to_one(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet, people = new_wallet(), [someone, await make_account(resources)]
    proofs = [signed(wallet, await challenge(api, wallet, "link", on_device(person))) for person in people]

    answers = await asyncio.gather(
        *(api.post(LINK, json=proof, headers=on_device(person)) for person, proof in zip(people, proofs, strict=True))
    )

    assert outcomes(answers) == {"ok": 1, "WalletLinked": 1}
    assert sorted([len(await own(api, person)) for person in people]) == [0, 1]


@pytest.mark.defect(63)
async def test_fourteen_concurrent_links_stop_at_the_limit_of_ten(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallets, headers = [new_wallet() for _ in range(14)], on_device(someone)
    proofs = [signed(wallet, await challenge(api, wallet, "link", headers)) for wallet in wallets]

    answers = await asyncio.gather(*(api.post(LINK, json=proof, headers=headers) for proof in proofs))

    assert outcomes(answers) == {"ok": 10, "WalletLimit": 4}
    assert len(await own(api, someone)) == 10


@pytest.mark.defect(62)
async def test_concurrent_primary_changes_leave_one_primary(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallets, headers = [await with_wallet(api, someone) for _ in range(4)], on_device(someone)
    proofs = [signed(wallet, await challenge(api, wallet, "primary", headers)) for wallet in wallets]

    answers = await asyncio.gather(
        *(api.post("/wallets/primary/validation", json=proof, headers=headers) for proof in proofs)
    )

    assert outcomes(answers) == {"ok": 4}
    assert [wallet["is_primary"] for wallet in await own(api, someone)].count(True) == 1


async def test_wallet_unlinked_and_made_primary_at_once_gets_one_outcome(
    api: httpx.AsyncClient, someone: SignedIn
) -> None:
    wallet, headers = await with_wallet(api, someone), on_device(someone)
    proof = signed(wallet, await challenge(api, wallet, "primary", headers))

    answers = await asyncio.gather(
        api.post("/wallets/primary/validation", json=proof, headers=headers),
        api.delete(f"/wallets/link/unlink/{wallet.address}", headers=headers),
    )

    assert outcomes(answers) in ({"ok": 1, "WalletNotFound": 1}, {"ok": 1, "PrimaryWallet": 1})
