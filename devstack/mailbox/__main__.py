"""`python -m devstack.mailbox`: SMTP and HTTP in one process, until SIGTERM."""

import argparse
import asyncio
import os
from pathlib import Path

import uvicorn

from devstack.mailbox.certificate import kept_certificate
from devstack.mailbox.smtp import Credentials, Mailbox, smtp_protocol
from devstack.mailbox.web import mailbox_app
from devstack.ports import HOST


async def serve(*, folder: Path, http_port: int, smtp_port: int, credentials: Credentials) -> None:
    """Listen on both ports until the process is asked to end."""
    mailbox = Mailbox()
    protocol = smtp_protocol(mailbox, files=kept_certificate(folder), credentials=credentials)
    smtp = await asyncio.get_running_loop().create_server(protocol, HOST, smtp_port)
    web = uvicorn.Config(
        mailbox_app(mailbox),
        host=HOST,
        port=http_port,
        log_level="warning",
        # A client that keeps its connection open does not keep the mailbox from ending.
        timeout_graceful_shutdown=1,
    )
    try:
        await uvicorn.Server(web).serve()
    finally:
        smtp.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m devstack.mailbox")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    chosen = parser.parse_args()
    credentials = Credentials(os.environ["MAILBOX_USER"], os.environ["MAILBOX_PASSWORD"])
    asyncio.run(
        serve(
            folder=chosen.folder,
            http_port=chosen.http_port,
            smtp_port=chosen.smtp_port,
            credentials=credentials,
        )
    )


if __name__ == "__main__":
    main()
