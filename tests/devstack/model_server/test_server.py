"""Scripts and what was asked, over HTTP and from a process of its own."""

import asyncio
import sys
import time
from typing import Any

import httpx
import pytest

from devstack.model_server.asked import Outcome
from devstack.model_server.script import Answer, Call
from devstack.model_server.server import ModelServer
from tests.devstack.model_server.raw_client import CHAT, MESSAGES

VERSION = {"anthropic-version": "2023-06-01"}


async def said(web: httpx.AsyncClient, *, model: str = "any", begun: str = "") -> str:
    """What the model says on the wire of chat completions."""
    begin = [{"role": "assistant", "content": begun}] if begun else []
    body = {"model": model, "messages": [{"role": "user", "content": "Hello"}, *begin]}
    response = await web.post(CHAT, json=body)
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


async def test_answers_are_said_in_turn_and_the_last_again(web: httpx.AsyncClient) -> None:
    put = await web.put("/script", json={"answers": [{"text": "one"}, {"text": "two"}]})

    assert put.status_code == 200
    assert [await said(web) for _ in range(3)] == ["one", "two", "two"]


async def test_model_has_a_script_of_its_own(web: httpx.AsyncClient) -> None:
    await web.put("/script", json={"answers": [{"text": "for all"}]})
    await web.put("/script", json={"model": "small", "answers": [{"text": "for small"}]})

    assert [await said(web, model=model) for model in ("small", "large")] == ["for small", "for all"]


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"speed": 3}, "answers.0.speed: Extra inputs are not permitted"),
        ({"fault": {"kind": "status"}}, "answers.0.fault: a status belongs to the fault `status`, which needs one"),
        ({"fault": {"kind": "hang", "retry_after": "3"}}, "answers.0.fault: retry_after belongs to the fault `status`"),
        ({"fault": {"kind": "drip", "after": 3}}, "answers.0.fault: the fault `drip` has no place: leave out `after`"),
        (
            {"fault": {"kind": "reset", "after": -1}},
            "answers.0.fault.after: Input should be greater than or equal to 0",
        ),
    ],
    ids=["unknown_field", "no_status", "no_refusal", "no_place", "negative_place"],
)
async def test_script_that_makes_no_sense_is_refused(
    web: httpx.AsyncClient, answer: dict[str, Any], sentence: str
) -> None:
    refused = await web.put("/script", json={"answers": [answer]})

    assert (refused.status_code, refused.json()) == (400, {"error": sentence})


@pytest.mark.parametrize(
    ("begun", "rest"),
    [("Grüße in", " die Welt"), ("Gr", "üße in die Welt"), ("Other", "Grüße in die Welt")],
    ids=["after_a_word", "amid_a_word", "another_text"],
)
async def test_begun_answer_is_continued(server: ModelServer, web: httpx.AsyncClient, begun: str, rest: str) -> None:
    server.script(Answer(text="Grüße in die Welt", continues=True))

    assert await said(web, begun=begun) == rest


async def test_answer_that_does_not_continue_begins_anew(server: ModelServer, web: httpx.AsyncClient) -> None:
    server.script(Answer(text="Grüße in die Welt"))

    assert await said(web, begun="Grüße") == "Grüße in die Welt"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": "any", "messages": [{"role": "user", "content": "Hi"}]}, "max_tokens: Field required"),
        (
            {"model": "any", "max_tokens": 9, "messages": [{"role": "assistant", "content": "So "}]},
            "messages: final assistant content cannot end with trailing whitespace",
        ),
        ({"max_tokens": 9}, "Invalid request."),
    ],
    ids=["no_max_tokens", "blank_at_the_end", "no_messages"],
)
async def test_anthropic_refuses_what_it_cannot_take(
    web: httpx.AsyncClient, body: dict[str, Any], message: str
) -> None:
    refused = await web.post(MESSAGES, json=body, headers=VERSION)

    assert (refused.status_code, refused.json()["error"]["message"]) == (400, message)


async def test_broken_calls_are_said_as_they_are(server: ModelServer, web: httpx.AsyncClient) -> None:
    arguments = ["no JSON", '{"cut', "x" * 2**20]
    server.script(Answer(calls=[Call(tool="unknown", arguments=text) for text in arguments]))

    whole = await web.post(CHAT, json={"model": "any", "messages": [{"role": "user", "content": "Hello"}]})

    calls = whole.json()["choices"][0]["message"]["tool_calls"]
    assert [call["function"]["arguments"] for call in calls] == arguments


async def test_requests_are_remembered_in_order_until_they_are_forgotten(web: httpx.AsyncClient) -> None:
    await web.delete("/asked")
    began = time.time()
    await said(web, model="first")
    await web.post(MESSAGES, content=b"no JSON", headers=VERSION)

    first, second = (await web.get("/asked")).json()["asked"]

    assert (first["path"], first["body"]["model"], first["outcome"]) == (CHAT, "first", Outcome.FINISHED)
    assert first["headers"]["authorization"] == "Bearer scripted"
    assert (second["path"], second["body"]) == (MESSAGES, "no JSON")
    assert began <= first["at"] <= first["began_at"] <= second["at"] <= time.time()
    assert (await web.delete("/asked")).json() == {"asked": []}


async def test_process_of_its_own_serves_until_it_is_ended() -> None:
    program = [sys.executable, "-m", "devstack.model_server", "--port", "0", "--key", "other"]
    process = await asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    key = {"authorization": "Bearer other"}

    try:
        async with httpx.AsyncClient(base_url=url, headers=key, trust_env=False) as client:
            answered = await said(client)
    finally:
        process.terminate()

    assert answered == "Hello from the scripted model."
    assert await process.wait() == 0
