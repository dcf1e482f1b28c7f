"""What a program does with an API key: `DECODE_API_KEY=dk_… python examples/command_line.py URL COMMAND`.

URL is the API's, such as http://127.0.0.1:4000. Needs our client (sdk/python). The key is read from the environment,
since the arguments of a process can be read by every user of its machine.

    whoami              what the key may do, for whom, and until when
    follow USER_ID      follow a user (scope relationships:write)
    notifications       print notifications as they come (scope notifications:read)
    audit               what happened to one's own account, newest first (scope audit:self)
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping

from decode_client import DecodeClient, DecodeError

Command = Callable[[DecodeClient, argparse.Namespace], Awaitable[None]]


async def whoami(decode: DecodeClient, _: argparse.Namespace) -> None:
    shown = await decode.api_keys.read_self()
    say(f"{shown.key.prefix} acts for {shown.username} until {shown.key.expires_at:%Y-%m-%d}")
    say("\n".join(shown.permissions))


async def follow(decode: DecodeClient, given: argparse.Namespace) -> None:
    await decode.relationships.follow(user_id_to=given.user_id)
    say(f"follows {given.user_id}")


async def notifications(decode: DecodeClient, _: argparse.Namespace) -> None:
    async for notification in decode.notifications.follow():
        say(f"{notification.seq:>6}  {notification.title}: {notification.message}")


async def audit(decode: DecodeClient, _: argparse.Namespace) -> None:
    for entry in (await decode.audit.search_own(limit=50)).entries:
        say(f"{entry.seq:>6}  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.type:<22}  {entry.network or '-'}")


COMMANDS: Mapping[str, Command] = {
    "whoami": whoami,
    "follow": follow,
    "notifications": notifications,
    "audit": audit,
}


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Decode with an API key, read from DECODE_API_KEY.")
    parser.add_argument("url")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        command = commands.add_parser(name)
        if name == "follow":
            command.add_argument("user_id")
    return parser.parse_args()


async def main() -> int:
    given, key = parse(), os.environ.get("DECODE_API_KEY")
    if not key:
        sys.stderr.write("DECODE_API_KEY has no API key.\n")
        return 2
    async with DecodeClient(given.url, api_key=key) as decode:
        try:
            await COMMANDS[given.command](decode, given)
        except DecodeError as refused:
            sys.stderr.write(f"{refused}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
