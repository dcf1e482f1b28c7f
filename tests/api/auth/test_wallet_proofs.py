"""Wallet proofs (EIP-4361): only the exact challenge, signed by its wallet, once, before it expires."""

from datetime import UTC, datetime

import httpx
import pytest
from eth_keys.constants import SECPK1_N

from adapters.resources import Resources
from domain.auth.wallets import extract_nonce
from tests.support.accounts import make_account
from tests.support.envelope import data, refusal
from tests.support.people import SignedIn
from tests.support.signed_in import on_device
from tests.support.wallets import Proof, challenge, new_wallet, prove, signed, with_wallet

VALIDATION = "/wallets/link/validation"
INVALID = (400, "WalletProofInvalid")
MALFORMED = (422, "InvalidInput")


async def bring(api: httpx.AsyncClient, someone: SignedIn, proof: Proof) -> tuple[int, str]:
    return refusal(await api.post(VALIDATION, json=proof, headers=on_device(someone)))


async def expire(resources: Resources, message: str) -> None:
    """Expire the challenge, as before the TTL index has deleted its ticket."""
    stored = {"hash": resources.hashes.nonce_hash(extract_nonce(message) or "")}
    past = {"$set": {"expires_at": datetime.now(UTC)}}
    assert (await resources.clients.database["tickets"].update_one(stored, past)).matched_count == 1


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("localhost:3000 wants", "decode.evil wants"),
        ("URI: http://localhost:3000", "URI: http://decode.evil"),
        ("Chain ID: 1\n", "Chain ID: 5\n"),
        ("Version: 1", "Version: 2"),
        ("Link this wallet to your Decode account.", "Sign in to Decode."),
        ("Expiration Time: 20", "Expiration Time: 30"),
        ("Issued At: 20", "Issued At: 19"),
        ("\n\n", "\n"),
        ("Nonce: ", "Nonce: 0"),
        ("\nVersion", "\nResources:\n- https://decode.evil\nVersion"),
    ],
    ids=["domain", "uri", "chain", "version", "statement", "expiry", "issue", "lines", "nonce", "resources"],
)
async def test_signed_message_that_differs_from_the_challenge_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, ours: str, theirs: str
) -> None:
    wallet = new_wallet()
    message = await challenge(api, wallet, "link", on_device(someone))
    assert ours in message

    assert await bring(api, someone, signed(wallet, message.replace(ours, theirs))) == INVALID


async def test_signature_of_another_wallet_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    message = await challenge(api, new_wallet(), "link", on_device(someone))

    assert await bring(api, someone, signed(new_wallet(), message)) == INVALID


async def test_challenge_of_another_wallet_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    """The message is changed to name another wallet, which signs it."""
    asked_for, thief = new_wallet(), new_wallet()
    message = await challenge(api, asked_for, "link", on_device(someone))

    assert await bring(api, someone, signed(thief, message.replace(asked_for.address, thief.address))) == INVALID


async def test_mirrored_signature_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = new_wallet()
    proof = signed(wallet, await challenge(api, wallet, "link", on_device(someone)))
    signature = bytes.fromhex(proof["signature"][2:])
    s = SECPK1_N - int.from_bytes(signature[32:64], "big")
    mirrored = signature[:32] + s.to_bytes(32, "big") + bytes([55 - signature[64]])

    assert await bring(api, someone, proof | {"signature": mirrored.hex()}) == INVALID


@pytest.mark.parametrize(
    "signature",
    ["", "0x", "ab" * 64, "ab" * 66, "0x" + "ab" * 64 + "a", "zz" * 65, " " + "ab" * 65, "0x0x" + "ab" * 65],
    ids=["empty", "prefix", "short", "long", "odd", "no hex", "space", "two prefixes"],
)
async def test_malformed_signature_is_refused_and_keeps_the_nonce(
    api: httpx.AsyncClient, someone: SignedIn, signature: str
) -> None:
    wallet = new_wallet()
    proof = signed(wallet, await challenge(api, wallet, "link", on_device(someone)))

    assert await bring(api, someone, proof | {"signature": signature}) == MALFORMED
    data(await api.post(VALIDATION, json=proof, headers=on_device(someone)), 201)


async def test_signature_without_its_prefix_is_accepted(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = new_wallet()
    proof = signed(wallet, await challenge(api, wallet, "link", on_device(someone)))

    bare = proof | {"signature": proof["signature"].removeprefix("0x")}

    data(await api.post(VALIDATION, json=bare, headers=on_device(someone)), 201)


async def test_nonce_is_accepted_once(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = new_wallet()
    proof = signed(wallet, await challenge(api, wallet, "link", on_device(someone)))
    data(await api.post(VALIDATION, json=proof, headers=on_device(someone)), 201)

    assert await bring(api, someone, proof) == INVALID


async def test_wrong_signature_uses_the_nonce_up(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = new_wallet()
    message = await challenge(api, wallet, "link", on_device(someone))
    await bring(api, someone, signed(new_wallet(), message))

    assert await bring(api, someone, signed(wallet, message)) == INVALID


async def test_expired_challenge_is_refused(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    wallet = new_wallet()
    message = await challenge(api, wallet, "link", on_device(someone))
    await expire(resources, message)

    assert await bring(api, someone, signed(wallet, message)) == INVALID


@pytest.mark.defect(21)
async def test_challenge_of_another_account_is_refused(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet, other = new_wallet(), await make_account(resources)
    message = await challenge(api, wallet, "link", on_device(other))

    assert await bring(api, someone, signed(wallet, message)) == INVALID


@pytest.mark.defect(21)
@pytest.mark.parametrize(("asked", "brought"), [("auth", "link"), ("auth", "primary"), ("link", "primary")])
async def test_challenge_for_another_purpose_is_refused(
    api: httpx.AsyncClient, someone: SignedIn, asked: str, brought: str
) -> None:
    wallet, headers = await with_wallet(api, someone), on_device(someone)
    proof = signed(wallet, await challenge(api, wallet, asked, headers))

    response = await api.post(f"/wallets/{brought}/validation", json=proof, headers=headers)

    assert refusal(response) == INVALID


async def test_message_of_the_client_is_refused(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet = new_wallet()

    assert await bring(api, someone, signed(wallet, f"Let me in.\nNonce: {'a' * 32}")) == INVALID


async def test_challenge_has_the_requested_chain(api: httpx.AsyncClient, someone: SignedIn) -> None:
    body = {"address": new_wallet().address, "chain_id": 1}

    message = data(await api.post("/wallets/link/challenge", json=body, headers=on_device(someone)))["message"]

    assert "\nChain ID: 1\n" in message


async def test_unsupported_chain_is_refused(api: httpx.AsyncClient) -> None:
    body = {"address": new_wallet().address, "chain_id": 424242}

    assert refusal(await api.post("/wallets/auth/challenge", json=body)) == MALFORMED


@pytest.mark.defect(15)
async def test_challenge_does_not_reveal_whether_a_wallet_is_linked(api: httpx.AsyncClient, someone: SignedIn) -> None:
    known, unknown = await with_wallet(api, someone), new_wallet()

    answers = [
        await api.post("/wallets/auth/challenge", json={"address": wallet.address}) for wallet in (known, unknown)
    ]
    bodies = [answer.json() for answer in answers]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
    assert len({len(body["data"]["message"]) for body in bodies}) == 1
    assert bodies[0]["message"] == bodies[1]["message"]


async def test_two_challenges_have_two_nonces(api: httpx.AsyncClient) -> None:
    wallet = new_wallet()

    assert await challenge(api, wallet, "auth") != await challenge(api, wallet, "auth")


async def test_repeated_request_gets_the_same_challenge_and_another_account_another(
    api: httpx.AsyncClient, resources: Resources, someone: SignedIn
) -> None:
    wallet, key = new_wallet(), {"Idempotency-Key": "ask-me-once"}
    other = await make_account(resources)

    first, again = [await challenge(api, wallet, "link", on_device(someone) | key) for _ in range(2)]
    theirs = await challenge(api, wallet, "link", on_device(other) | key)

    assert first == again
    assert extract_nonce(theirs) != extract_nonce(first)


async def test_key_of_a_challenge_is_for_one_wallet(api: httpx.AsyncClient, someone: SignedIn) -> None:
    headers = on_device(someone) | {"Idempotency-Key": "ask-me-once"}
    await challenge(api, new_wallet(), "link", headers)

    response = await api.post("/wallets/link/challenge", json={"address": new_wallet().address}, headers=headers)

    assert refusal(response) == (409, "IdempotencyKeyReused")


@pytest.mark.parametrize("message", ["no challenge at all", f"Nonce: {'0' * 32}"], ids=["no nonce", "another nonce"])
@pytest.mark.parametrize(("purpose", "status"), [("link", 201), ("primary", 200), ("auth", 200)])
async def test_key_of_a_proof_is_for_one_body(
    api: httpx.AsyncClient, someone: SignedIn, key: dict[str, str], purpose: str, status: int, message: str
) -> None:
    wallet = new_wallet() if purpose == "link" else await with_wallet(api, someone)
    device, headers = someone.person.device if purpose == "auth" else {}, on_device(someone) | key
    proof = signed(wallet, await challenge(api, wallet, purpose, on_device(someone))) | device
    data(await api.post(f"/wallets/{purpose}/validation", json=proof, headers=headers), status)

    again = await api.post(f"/wallets/{purpose}/validation", json=proof | {"message": message}, headers=headers)

    assert refusal(again) == (409, "IdempotencyKeyReused")


async def test_nonce_is_not_stored_in_clear(api: httpx.AsyncClient, resources: Resources) -> None:
    message = await challenge(api, new_wallet(), "auth")
    nonce = extract_nonce(message) or ""

    ticket = await resources.clients.database["tickets"].find_one({"hash": resources.hashes.nonce_hash(nonce)})

    assert ticket is not None
    assert nonce not in str(ticket)


async def test_proof_of_a_wallet_unlinked_meanwhile_is_not_found(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet, headers = await with_wallet(api, someone), on_device(someone)
    proof = signed(wallet, await challenge(api, wallet, "primary", headers))
    data(await api.delete(f"/wallets/link/unlink/{wallet.address}", headers=headers))

    response = await api.post("/wallets/primary/validation", json=proof, headers=headers)

    assert refusal(response) == (404, "WalletNotFound")


async def test_wallet_linked_again_has_a_new_id(api: httpx.AsyncClient, someone: SignedIn) -> None:
    wallet, headers = new_wallet(), on_device(someone)
    first = data(await prove(api, someone, wallet), 201)
    data(await api.delete(f"/wallets/link/unlink/{wallet.address}", headers=headers))

    assert data(await prove(api, someone, wallet), 201)["_id"] != first["_id"]
