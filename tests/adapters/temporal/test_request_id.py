"""The request id: from the HTTP header through Temporal into every log line that comes of the request."""

import json
import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack.stack import Stack
from tests.support.mailbox import Mailbox
from tests.support.people import begin, new_person
from tests.support.polling import eventually

Line = dict[str, Any]


@pytest.fixture
def request_id(api: httpx.AsyncClient) -> str:
    """Sent along with every request of the test."""
    made = f"test.{secrets.token_hex(8)}"
    api.headers["X-Request-ID"] = made
    return made


@pytest.fixture
def logs(stack: Stack) -> Path:
    return stack.folder.log("worker").parent


def lines(log: Path, request_id: str) -> list[Line]:
    """What a process has logged of one request."""
    with log.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file if request_id in line]


async def test_access_line_of_the_api_bears_it(api: httpx.AsyncClient, request_id: str, logs: Path) -> None:
    await begin(api, new_person())

    # The line is written after the answer.
    async def written() -> list[Line]:
        return [each for each in lines(logs / "api.log", request_id) if each["logger"] == "decode.access"]

    (line,) = await eventually(written)
    assert line["request_id"] == request_id
    assert (line["method"], line["route"], line["status"]) == ("POST", "/auth/register/email-verification", 202)


async def test_lines_of_all_steps_of_the_flow_bear_it(
    api: httpx.AsyncClient, mailbox: Mailbox, request_id: str, logs: Path
) -> None:
    person = new_person()
    await begin(api, person)
    await mailbox.letter(person.email, "create-account")

    async def sent() -> Line | None:
        return next((each for each in lines(logs / "worker.log", request_id) if "mail.deliver" in each.values()), None)

    await eventually(sent)
    steps = [each for each in lines(logs / "worker.log", request_id) if each["logger"] == "decode.activities"]
    assert {each["activity_type"] for each in steps} == {"registration.begin", "mail.deliver"}
    assert {each["request_id"] for each in steps} == {request_id}
    assert {each["message"] for each in steps} == {"activity done"}
    assert {each["attempt"] for each in steps} == {1}


async def test_log_lines_contain_neither_user_nor_flow(
    api: httpx.AsyncClient, mailbox: Mailbox, request_id: str, logs: Path
) -> None:
    person = new_person()
    flow = await begin(api, person)
    code = await mailbox.code(person.email, "create-account")

    text = "".join(log.read_text(encoding="utf-8") for log in (logs / "api.log", logs / "worker.log"))

    assert request_id in text
    for secret in (person.username, person.email, person.password, flow["flow_id"], code):
        assert secret not in text


async def test_mail_does_not_bear_it(api: httpx.AsyncClient, mailbox: Mailbox, request_id: str) -> None:
    person = new_person()
    await begin(api, person)

    letter = await mailbox.letter(person.email, "create-account")

    assert request_id not in letter["raw"]
