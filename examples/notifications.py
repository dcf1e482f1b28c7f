"""Prints a user's notifications as they arrive: `python examples/notifications.py URL ACCESS_TOKEN [AFTER]`.

URL is the API's, such as http://127.0.0.1:4000. Needs our client (sdk/python). Each notification is printed once and in
order: after a lost connection the client resumes from the last one.
"""

import asyncio
import sys

from decode_client import DecodeClient, DecodeError


async def main() -> int:
    url, token, after = (*sys.argv[1:], "0")[:3]
    async with DecodeClient(url, access_token=token) as decode:
        try:
            async for notification in decode.notifications.follow(int(after)):
                sys.stdout.write(f"{notification.seq:>6}  {notification.title}: {notification.message}\n")
                sys.stdout.flush()
        except DecodeError as refused:
            sys.stderr.write(f"{refused}\n")
    return 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
