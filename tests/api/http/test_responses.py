"""The success envelope as it is sent: the same bytes as those of its schema in the contract."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import Field

from adapters.causes import request_id
from api.http.responses import success_response
from api.schemas.envelope import Answer, View
from domain.users.users import Role

TEXT = 'a "quoted" \\ naïve 🦉 \x00\x1f\x7f\u2028</script>\n'


class Part(View):
    part_id: str = Field(serialization_alias="_id")
    at: datetime
    took: timedelta
    role: Role
    share: float
    missing: str | None = None


class Whole(View):
    parts: list[Part]
    by_name: dict[str, Part] = Field(serialization_alias="byName")


PART = Part(
    part_id=TEXT, at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC), took=timedelta(seconds=90), role=Role.ADMIN, share=1
)
DATA: dict[str, Any] = {
    "none": None,
    "view": Whole(parts=[PART, PART], by_name={TEXT: PART}),
    "list": [PART, PART],
    "dict": {"at": PART.at, "part": PART, TEXT: TEXT, "number": 10**20, "none": None},
    "not finite": PART.model_copy(update={"share": math.inf}),
}


@pytest.mark.parametrize("kind", DATA)
@pytest.mark.parametrize("message", ["User found", TEXT])
@pytest.mark.parametrize("given_id", ["0123456789abcdef", None])
def test_envelope_has_the_bytes_of_its_schema(kind: str, message: str, given_id: str | None) -> None:
    request_id.set(given_id)
    schema = Answer[object](status_code=202, message=message, data=DATA[kind], request_id=given_id or "")

    response = success_response(DATA[kind], message, 202)

    assert bytes(response.body) == schema.model_dump_json().encode()
    assert (response.status_code, response.headers["content-type"]) == (202, "application/json")
