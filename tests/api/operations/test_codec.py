"""The payload codec for operators, and the public keys: both outside the envelope."""

import base64
from typing import Any

import httpx
import jwt
import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from adapters.resources import Resources
from config.keys import split_tokens
from config.settings import Settings
from tests.support.envelope import fields, refusal
from tests.support.people import SignedIn

DECODE = "/codec/decode"


@pytest.fixture(scope="session")
def operator(settings: Settings) -> dict[str, str]:
    token = next(iter(split_tokens(settings.codec_tokens).values()))
    return {"Authorization": f"Bearer {token}"}


async def sealed(resources: Resources, *texts: bytes) -> Any:
    payloads = [Payload(metadata={"encoding": b"json/plain"}, data=text) for text in texts]
    return json_format.MessageToDict(Payloads(payloads=await resources.operations.payloads.encode(payloads)))


async def test_operator_decodes_payloads(
    api: httpx.AsyncClient, resources: Resources, operator: dict[str, str]
) -> None:
    body = await sealed(resources, b'"one"', b'"two"')

    response = await api.post(DECODE, json=body, headers=operator)

    assert response.status_code == 200
    opened = response.json()["payloads"]
    assert [base64.b64decode(each["data"]) for each in opened] == [b'"one"', b'"two"']
    assert response.headers["cache-control"] == "no-store"


async def test_plain_payload_is_returned_unchanged(api: httpx.AsyncClient, operator: dict[str, str]) -> None:
    plain = {"payloads": [{"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": "MQ=="}]}

    response = await api.post(DECODE, json=plain, headers=operator)

    assert response.json() == plain


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer wrong", "Basic ZGV2OmRldg==", "Bearer é"])
async def test_caller_without_an_operator_token_is_refused(
    api: httpx.AsyncClient, resources: Resources, header: str | None
) -> None:
    headers = {} if header is None else {b"Authorization": header.encode()}

    response = await api.post(DECODE, json=await sealed(resources, b'"one"'), headers=headers)

    assert refusal(response) == (401, "NotAuthenticated")


async def test_access_token_is_refused(api: httpx.AsyncClient, resources: Resources, someone: SignedIn) -> None:
    response = await api.post(DECODE, json=await sealed(resources, b'"one"'), headers=someone.bearer)

    assert refusal(response) == (401, "NotAuthenticated")


async def test_modified_payload_is_refused(
    api: httpx.AsyncClient, resources: Resources, operator: dict[str, str]
) -> None:
    body = await sealed(resources, b'"one"')
    data = bytearray(base64.b64decode(body["payloads"][0]["data"]))
    data[-1] ^= 1
    body["payloads"][0]["data"] = base64.b64encode(data).decode()

    response = await api.post(DECODE, json=body, headers=operator)

    assert refusal(response) == (422, "InvalidInput")


ENCRYPTED = base64.b64encode(b"binary/encrypted").decode()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"payloads": [{"metadata": {"encoding": ENCRYPTED}, "data": "YQ=="}]}, id="no key id"),
        pytest.param(
            {"payloads": [{"metadata": {"encoding": ENCRYPTED, "encryption-key-id": "eA=="}, "data": "YQ=="}]},
            id="unknown key",
        ),
        pytest.param(
            {"payloads": [{"metadata": {"encoding": ENCRYPTED, "encryption-key-id": "/w=="}, "data": "YQ=="}]},
            id="key id is no text",
        ),
        pytest.param({"payloads": [{"metadata": {"encoding": 1}}]}, id="number for bytes"),
        pytest.param({"payloads": "x"}, id="text for payloads"),
        pytest.param({"pay": []}, id="unknown field"),
        pytest.param(None, id="null"),
    ],
)
async def test_malformed_payloads_are_refused(api: httpx.AsyncClient, operator: dict[str, str], body: object) -> None:
    response = await api.post(DECODE, json=body, headers=operator)

    assert fields(response) == {"body"}


async def test_body_that_is_not_json_is_refused(api: httpx.AsyncClient, operator: dict[str, str]) -> None:
    response = await api.post(DECODE, content=b"{}", headers={**operator, "Content-Type": "text/plain"})

    assert refusal(response) == (415, "UnsupportedMediaType")


async def test_public_keys_verify_an_access_token(api: httpx.AsyncClient, someone: SignedIn) -> None:
    response = await api.get("/.well-known/jwks.json")

    token = someone.session["access_token"]
    key = jwt.PyJWKSet.from_dict(response.json())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, ["EdDSA"], audience="decode-frontend", issuer="decode-auth-service")
    assert claims["sub"] == someone.user["_id"]
    assert claims["session_id"] == someone.session["_id"]


async def test_public_keys_are_a_jwk_set_without_secrets(api: httpx.AsyncClient) -> None:
    response = await api.get("/.well-known/jwks.json")

    assert response.json().keys() == {"keys"}
    assert {frozenset(key) for key in response.json()["keys"]} == {frozenset({"kty", "crv", "x", "kid", "use", "alg"})}
    assert response.headers["cache-control"] == "public, max-age=300"
