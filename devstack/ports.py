"""Ports on 127.0.0.1, chosen once per run folder and kept as long as no other process takes them."""

import socket
import time
from collections.abc import Collection, Mapping, Sequence
from random import SystemRandom

# Below the ephemeral port range of outgoing connections, so that a stopped server's port stays free.
LOWEST, HIGHEST = 20000, 29999
HOST = "127.0.0.1"

PATIENCE_SECONDS = 5.0
"""How long a kept port may still be in use: clients of a server that is started again know no other."""

_claims: dict[int, socket.socket] = {}
"""Ports that this process has chosen. A claim ends with the process: then a server listens, or none is wanted."""


def choose_ports(names: Sequence[str], *, kept: Mapping[str, int], running: Collection[str]) -> dict[str, int]:
    """Return a port for each name: the kept one if it is free or its server is running, else a free one.

    No other process chooses one of them while this one lives, so that two stacks can start at the same moment.
    """
    chosen: dict[str, int] = {}
    for name in names:
        port = kept.get(name)
        usable = port is not None and (name in running or _is_claimed_soon(port))
        chosen[name] = port if port is not None and usable else _free_port({*kept.values(), *chosen.values()})
    return chosen


def is_free(port: int) -> bool:
    """Whether a server can listen on that port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(port: int, *, host: str = HOST, seconds: float = 0.5) -> bool:
    """Whether a server accepts connections on that port within `seconds`."""
    try:
        with socket.create_connection((host, port), timeout=seconds):
            return True
    except OSError:
        return False


def _free_port(taken: Collection[int]) -> int:
    candidates = SystemRandom().sample(range(LOWEST, HIGHEST + 1), 500)
    return next(port for port in candidates if port not in taken and port not in _claims and _is_claimed(port))


def _is_claimed_soon(port: int) -> bool:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _is_claimed(port):
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def _is_claimed(port: int) -> bool:
    """Claim the port and return whether it is ours: free, and claimed by no other process."""
    claim = _claims.get(port) or _new_claim(port)
    if claim is None:
        return False
    _claims[port] = claim
    # Asked last: the claim of another process ends when its server listens.
    return is_free(port)


def _new_claim(port: int) -> socket.socket | None:
    """Return a socket with the port's abstract name, which no other process can take while it is open (unix(7))."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0decode-port-{port}")
    except OSError:
        claim.close()
        return None
    return claim
