"""What SDKs do not show: the bytes of both wires, how they are cut, and that a client's end is noticed."""

import re
import time

import pytest

from devstack.model_server.asked import Outcome
from devstack.model_server.faults import Fault, FaultKind
from devstack.model_server.script import Answer, Call, Usage
from devstack.model_server.server import ModelServer
from tests.devstack.model_server.raw_client import CHAT, MESSAGES, raw_client
from tests.support.polling import eventually

WIRES = pytest.mark.parametrize("path", [CHAT, MESSAGES])
ANSWER = Answer(text="Grüße", calls=(Call(tool="echo", arguments='{"a":1}', fragments=2),), usage=Usage(prompt=7))
OPENAI = """\
data: {HEAD,"choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},END

data: {HEAD,"choices":[{"index":0,"delta":{"content":"Grüße"},END

data: {HEAD,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"call_ID","type":"function",\
"function":{"name":"echo","arguments":""}}]},END

data: {HEAD,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a"}}]},END

data: {HEAD,"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\":1}"}}]},END

data: {HEAD,"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}

data: {HEAD,"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,\
"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},\
"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0}}}

data: [DONE]

"""
ANTHROPIC = """\
event: message_start
data: {"type":"message_start","message":{"id":"msg_ID","type":"message","role":"assistant","model":"any",\
"content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":7,\
"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}}}

event: ping
data: {"type":"ping"}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Grüße"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":\
{"type":"tool_use","id":"toolu_ID","name":"echo","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"a"}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\\":1}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":7,\
"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}}

event: message_stop
data: {"type":"message_stop"}

"""


async def packets(server: ModelServer, path: str) -> list[bytes]:
    async with raw_client(server) as client:
        await client.ask(path)
        return await client.read_packets()


async def test_openai_stream_is_as_it_is_documented(server: ModelServer) -> None:
    server.script(ANSWER)

    said = re.sub("call_[0-9a-f]+", "call_ID", b"".join(await packets(server, CHAT)).decode())

    said = re.sub(r'"id":"chatcmpl-.+?"system_fingerprint":"\w+"', "HEAD", said)
    assert said.replace('"logprobs":null,"finish_reason":null}],"usage":null}', "END") == OPENAI


async def test_anthropic_stream_is_as_it_is_documented(server: ModelServer) -> None:
    server.script(ANSWER)

    said = b"".join(await packets(server, MESSAGES)).decode()

    assert re.sub("(msg|toolu)_[0-9a-f]+", r"\1_ID", said) == ANTHROPIC


@WIRES
async def test_split_characters_come_in_several_packets(server: ModelServer, path: str) -> None:
    server.script(Answer(text="ü", fault=Fault(kind=FaultKind.SPLIT_UTF8)))

    came = await packets(server, path)

    assert [packet[0] for packet in came if packet[0] >= 0x80] == [0xBC]
    assert "ü".encode() in b"".join(came)


@WIRES
async def test_drip_sends_a_byte_at_a_time(server: ModelServer, path: str) -> None:
    server.script(Answer(text="Hello", fault=Fault(kind=FaultKind.DRIP)))

    assert {len(packet) for packet in await packets(server, path)} == {1}


@WIRES
async def test_half_a_line_is_followed_by_the_end_of_the_connection(server: ModelServer, path: str) -> None:
    server.script(Answer(text="Hello there", fault=Fault(kind=FaultKind.HALF_LINE, after=1)))

    async with raw_client(server) as client:
        await client.ask(path)
        everything = await client.reader.read()

    assert b"Hello" in everything
    assert not everything.endswith((b"\n\n\r\n", b"0\r\n\r\n"))
    assert server.asked[-1].outcome is Outcome.BROKEN


@WIRES
async def test_reset_comes_after_its_pieces(server: ModelServer, path: str) -> None:
    server.script(Answer(text=["one ", "two ", "three "], fault=Fault(kind=FaultKind.RESET, after=2)))

    async with raw_client(server) as client:
        await client.ask(path)
        await client.read_head()
        came = b"".join([await client.read_packet() for _ in range(3)])
        with pytest.raises(ConnectionResetError):
            await client.read_packet()

    assert [word in came for word in (b"one", b"two", b"three")] == [True, True, False]


@WIRES
@pytest.mark.parametrize(
    ("kind", "begin"), [(FaultKind.NOT_SSE, b"<html>"), (FaultKind.NOT_JSON, b'data: {"id": oops')]
)
async def test_garbage_stands_between_the_pieces(server: ModelServer, path: str, kind: FaultKind, begin: bytes) -> None:
    server.script(Answer(text="one two", fault=Fault(kind=kind, after=1)))

    _, first, garbage, second, *_ = await packets(server, path)

    assert (b"one" in first, b"two" in second) == (True, True)
    assert garbage.startswith(begin)


@WIRES
@pytest.mark.parametrize("fault", [None, Fault(kind=FaultKind.NO_END)], ids=["whole", "no_end"])
async def test_mark_of_the_end_is_left_out_by_its_fault_alone(
    server: ModelServer, path: str, fault: Fault | None
) -> None:
    server.script(Answer(text="Hello", fault=fault))

    last = (await packets(server, path))[-1]

    assert (b"[DONE]" in last or b"message_stop" in last) == (fault is None)


async def test_pauses_come_before_the_first_byte_and_between_pieces(server: ModelServer) -> None:
    server.script(Answer(text="one two three", first_pause_ms=60, pause_ms=30))

    async with raw_client(server) as client:
        began = time.monotonic()
        await client.ask(CHAT)
        await client.read_head()
        head = time.monotonic()
        while await client.read_packet():
            pass
        ended = time.monotonic()

    # The end comes after a pause too.
    assert (head - began >= 0.06, ended - head >= 0.09) == (True, True)


@pytest.mark.parametrize("kind", [FaultKind.ENDLESS, FaultKind.HANG])
async def test_end_of_a_client_is_noticed_within_a_second(server: ModelServer, kind: FaultKind) -> None:
    server.script(Answer(text="on and on ", fault=Fault(kind=kind)))

    server.asked.clear()

    async def is_only(wanted: Outcome) -> bool:
        return [asked.outcome for asked in server.asked] == [wanted]

    async with raw_client(server) as client:
        await client.ask(CHAT)
        await eventually(lambda: is_only(Outcome.RUNNING))

    await eventually(lambda: is_only(Outcome.CLIENT_GONE), within=1)


async def test_connection_is_kept_for_the_next_request(server: ModelServer) -> None:
    server.script(Answer(text="one"), Answer(text="two"))

    async with raw_client(server) as client:
        await client.ask(CHAT)
        await client.read_packets()
        await client.ask(MESSAGES)
        second = await client.read_packets()

    assert b"two" in b"".join(second)


async def test_ten_thousand_pieces_come_each_in_a_packet(server: ModelServer) -> None:
    server.script(Answer(text=["word "] * 10_000))

    # Beside them role, end and mark.
    assert len(await packets(server, CHAT)) == 10_003
