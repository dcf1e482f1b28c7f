"""The contract at /openapi.json: the committed document, with all that a generator and a reader need."""

import json

import httpx

from api.app import ROUTERS, TAGS
from api.http.contract import ContractApi
from api.openapi import PATH

DOCUMENT = ContractApi(ROUTERS, TAGS).openapi()
OPERATIONS = [operation for item in DOCUMENT["paths"].values() for operation in item.values()]


async def test_served_document_is_the_committed_one(api: httpx.AsyncClient) -> None:
    served = await api.get("/openapi.json")

    assert served.json() == json.loads(PATH.read_text(encoding="utf-8"))


def test_every_tag_in_use_is_described_and_no_other() -> None:
    described = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}

    assert described.keys() == {tag for operation in OPERATIONS for tag in operation["tags"]}
    assert all(text.endswith(".") for text in described.values())


def test_every_operation_says_who_may_call_it() -> None:
    unsaid = [operation["operationId"] for operation in OPERATIONS if "security" not in operation]

    assert unsaid == []


def test_public_operation_needs_no_token() -> None:
    assert DOCUMENT["paths"]["/auth/login"]["post"]["security"] == []


def test_operations_that_take_a_token_or_none_say_both() -> None:
    both = {each["operationId"] for each in OPERATIONS if each["security"] == [{"HTTPBearer": []}, {}]}

    assert both == {"profiles.get", "relationships.getUser", "flows.cancel"}


def test_document_says_where_it_is_served_and_whom_to_ask() -> None:
    assert DOCUMENT["servers"]
    assert DOCUMENT["info"]["contact"]
    assert DOCUMENT["info"]["version"] != "0.0.0"


def test_summary_is_the_first_sentence() -> None:
    revoked = DOCUMENT["paths"]["/auth/session/revoke"]["post"]

    assert (revoked["summary"], revoked["description"]) == (
        "End one of the caller's sessions",
        "End one of the caller's sessions.",
    )
