"""Fetches all missing programs concurrently, and prints every few seconds which are still pending."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

from devstack.console import say
from devstack.errors import StackError
from devstack.servers.server import Server

SAY_EVERY_SECONDS = 8


def programs_of(servers: Sequence[Server]) -> dict[str, Path]:
    """Return the program of each server by the server's name; fetch the missing ones.

    Raises StackError with one sentence per program that is missing or could not be fetched.
    """
    raise_all([error for server in servers if (error := _missing(server))])
    found = {server.name: program for server in servers if (program := server.find())}
    wanted = [server for server in servers if server.name not in found]
    return found | (_fetch(wanted) if wanted else {})


def raise_all(errors: Sequence[BaseException]) -> None:
    """Raise the errors as one StackError, a line each; any other error is raised unchanged."""
    for error in errors:
        if not isinstance(error, StackError):
            raise error
    if errors:
        raise StackError("\n".join(dict.fromkeys(map(str, errors))))


def _missing(server: Server) -> StackError | None:
    try:
        server.check_programs()
    except StackError as error:
        return error
    return None


def _fetch(servers: Sequence[Server]) -> dict[str, Path]:
    say(f"Fetching {', '.join(server.title for server in servers)}; the first time takes a few minutes.")
    began = time.monotonic()
    pool = ThreadPoolExecutor(max_workers=len(servers))
    jobs = {server.title: pool.submit(server.fetch) for server in servers}
    try:
        _watch(servers, jobs, began)
    finally:
        # After Ctrl-C the commands get the same signal; do not wait for them here.
        pool.shutdown(wait=False, cancel_futures=True)
    raise_all([error for job in jobs.values() if (error := job.exception())])
    return {server.name: jobs[server.title].result() for server in servers}


def _watch(servers: Sequence[Server], jobs: Mapping[str, Future[Path]], began: float) -> None:
    pending = set(jobs.values())
    while pending:
        done, pending = wait(pending, timeout=SAY_EVERY_SECONDS, return_when="FIRST_COMPLETED")
        seconds = int(time.monotonic() - began)
        for title, job in jobs.items():
            if job in done:
                say(f"  {title}: {'failed' if job.exception() else 'here'} after {seconds} s")
        waiting = [server.fetched_how for server in servers if jobs[server.title] in pending]
        if waiting and not done:
            say(f"  {', '.join(waiting)}: still at it after {seconds} s")
