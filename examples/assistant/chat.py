"""A chat with the assistant in a terminal: `DECODE_TOKEN=… python examples/assistant/chat.py URL [CHAT_ID]`.

Each line is a message. Before the assistant changes something it asks: y is yes this time, c is yes in this chat, any
other line is no. Ctrl-C stops an answer; at the prompt it ends the chat, as Ctrl-D does. The id at the end opens it
again. The token is an access token, or an API key (assistant:read, assistant:write) for which another device says yes.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable
from contextlib import suppress

from decode_client import ApprovalRequested, Chat, DecodeClient, DecodeError, TextReset, ToolResult, requests

DECISIONS: dict[bytes, requests.Decision] = {b"y\n": "once", b"c\n": "chat"}


async def answer(chat: Chat, text: str, typed: asyncio.StreamReader) -> None:
    turn, said = await chat.say(text), ""
    try:
        async for event in turn.events():
            match event:
                case str():
                    write(event)
                    said += event
                case TextReset():
                    said = said.removesuffix(event.text)
                    write("\n")
                case ApprovalRequested():
                    write(f"{event.summary} {event.arguments} [y/c/n] ")
                    decision = DECISIONS.get(await typed.readline(), "decline")
                    await show_refusal(chat.answer_approval(event.call_id, decision))
                case ToolResult(result=result):
                    write(f"[{event.tool_name}: {result.error.message if result.error else 'done'}]\n")
    except asyncio.CancelledError:  # Ctrl-C
        await show_refusal(chat.stop(turn.turn_id))
    end = await turn.end()
    write(end.text.removeprefix(said) + ("\n" if end.state == "completed" else f"\n[{end.state}]\n"))


async def show_refusal(doing: Awaitable[None]) -> None:
    try:
        await doing
    except DecodeError as refused:
        sys.stderr.write(f"{refused}\n")


def write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


async def talk(chat: Chat) -> None:
    loop, typed, task = asyncio.get_running_loop(), asyncio.StreamReader(), asyncio.current_task()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(typed), sys.stdin)
    loop.add_signal_handler(signal.SIGINT, lambda: task and task.cancel())
    write("> ")
    while line := await typed.readline():
        if text := line.decode(errors="replace").strip():
            await show_refusal(answer(chat, text, typed))
        write("> ")


async def main(url: str, chat_id: str | None = None) -> None:
    async with DecodeClient(url, access_token=os.environ["DECODE_TOKEN"]) as decode, decode.chats.talk(chat_id) as chat:
        with suppress(asyncio.CancelledError):
            await talk(chat)
        sys.stderr.write(f"\n{chat.chat_id}\n")


if __name__ == "__main__":
    if len(sys.argv) == 1 or "DECODE_TOKEN" not in os.environ:
        sys.exit(__doc__)
    try:
        asyncio.run(main(*sys.argv[1:]))
    except DecodeError as refused:
        sys.exit(str(refused))
