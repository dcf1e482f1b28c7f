"""A chat with the assistant in a terminal: `DECODE_API_KEY=dk_… python examples/assistant/chat.py URL [CHAT_ID]`.

Each line is a message, and the answer is printed as it comes, over lost connections. Ctrl-C stops an answer and keeps
what was said; at the prompt it ends the chat, as Ctrl-D does. The chat stays, and its id at the end opens it again.
URL is the API's, such as http://127.0.0.1:4000. Needs our client (sdk/python), and a key with the scopes assistant:read
and assistant:write.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import suppress

from decode_client import Chat, DecodeClient, DecodeError, Turn


class Talk:
    """One chat, and the turn that is being answered."""

    def __init__(self, chat: Chat) -> None:
        self._chat = chat
        self._turn: Turn | None = None
        self._task = asyncio.current_task()
        self._stopping: asyncio.Task[None] | None = None

    async def run(self) -> None:
        async for line in typed_lines():
            try:
                self._turn = await self._chat.say(line)
                async for piece in self._turn:
                    write(piece)
                end = await self._turn.end()
                write("\n" if end.state == "completed" else f"\n[{end.state}]\n")
            except DecodeError as refused:
                wait = f" Try again in {refused.retry_after:.0f} s." if refused.retry_after else ""
                sys.stderr.write(f"{refused}{wait}\n")
            self._turn = None

    def interrupt(self) -> None:
        """Ctrl-C: stop the answer; without one, end the chat."""
        if self._turn:
            self._stopping = asyncio.create_task(self._stop(self._turn.turn_id))
        elif self._task:
            self._task.cancel()

    async def _stop(self, turn_id: str) -> None:
        with suppress(DecodeError):  # It may have ended just now.
            await self._chat.stop(turn_id)


async def typed_lines() -> AsyncIterator[str]:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    write("> ")
    while line := await reader.readline():
        if text := line.decode().strip():
            yield text
        write("> ")


def write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


async def main() -> int:
    key, (url, chat_id) = os.environ.get("DECODE_API_KEY"), (*sys.argv[1:], None)[:2]
    if not key or not url:
        sys.stderr.write("DECODE_API_KEY=dk_… python examples/assistant/chat.py URL [CHAT_ID]\n")
        return 2
    try:
        async with DecodeClient(url, api_key=key) as decode, decode.chats.talk(chat_id) as chat:
            talk = Talk(chat)
            asyncio.get_running_loop().add_signal_handler(signal.SIGINT, talk.interrupt)
            with suppress(asyncio.CancelledError):
                await talk.run()
            sys.stderr.write(f"\n{chat.chat_id}\n")
    except DecodeError as refused:
        sys.stderr.write(f"{refused}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
