"""`python -m devstack.model_server`: the scripted server in a process of its own, until SIGTERM."""

import argparse
import asyncio
import signal

from devstack.console import answer
from devstack.model_server.server import KEY, ModelServer


async def serve(port: int, key: str) -> None:
    """Listen until the process is asked to end; print the URL once it listens."""
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with ModelServer.serving(port=port, key=key) as server:
        answer(server.url)
        await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devstack.model_server")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--key", default=KEY)
    chosen = parser.parse_args()
    asyncio.run(serve(chosen.port, chosen.key))


if __name__ == "__main__":
    main()
