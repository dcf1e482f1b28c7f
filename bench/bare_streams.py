"""The limits of a relayed answer: its bytes parsed by the wire alone, and a frame written to a socket alone."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator

import httpx
from httpx_sse import EventSource

from adapters.ai.openai_wire import OPENAI
from devstack.model_server.openai_wire import encode_answer
from devstack.model_server.script import Answer
from devstack.ports import HOST

BLOCK_BYTES = 64 * 1024
CHUNKS, FRAMES = 50_000, 20_000
FRAME = bytes(300)


class _Blocks(httpx.AsyncByteStream):
    """What a provider sends, as large as it can be read at once."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for start in range(0, len(self._data), BLOCK_BYTES):
            yield self._data[start : start + BLOCK_BYTES]


async def parse_us(word: str) -> float:
    """Return the CPU of a chunk with this text that is parsed by OpenAI's wire, in this process."""
    body = {"model": "scripted", "messages": [{"role": "user", "content": "speak"}], "stream": True}
    said = encode_answer(Answer(text=(word,) * CHUNKS), body)
    response = httpx.Response(200, headers={"content-type": said.content_type}, stream=_Blocks(b"".join(said.pieces)))
    listener, began = OPENAI.listener(), time.thread_time()
    async for event in EventSource(response).aiter_sse():
        listener.take(event.data)
    return (time.thread_time() - began) / CHUNKS * 1_000_000


async def write_us() -> float:
    """Return the CPU of the write of a frame that is there, one in each turn of the loop; another thread reads it."""
    with socket.create_server((HOST, 0)) as listener:
        peer = threading.Thread(target=_read_all, args=[listener])
        peer.start()
        _, writer = await asyncio.open_connection(*listener.getsockname())
        began = time.thread_time()
        for _ in range(FRAMES):
            writer.transport.write(FRAME)
            await asyncio.sleep(0)
        spent = time.thread_time() - began
        writer.close()
        await writer.wait_closed()
        peer.join()
    return spent / FRAMES * 1_000_000


def _read_all(listener: socket.socket) -> None:
    connection, _ = listener.accept()
    with connection:
        while connection.recv(BLOCK_BYTES):
            pass
