"""People for measurements: each has an account and a network of their own, so that limits count them one by one."""

import asyncio
import secrets
from dataclasses import dataclass

from adapters.resources import Resources
from bench.timing import Request
from tests.support.accounts import make_account
from tests.support.people import Person, SignedIn, new_person

AT_ONCE = 8


@dataclass(frozen=True)
class Visitor:
    """A signed-in user and the address that a proxy reports for them."""

    account: SignedIn
    address: str

    @property
    def person(self) -> Person:
        return self.account.person

    @property
    def user_id(self) -> str:
        return str(self.account.user["_id"])

    @property
    def token(self) -> str:
        return str(self.account.session["access_token"])


def new_address() -> str:
    """Return an address in a network without a counted request, of the range for documentation (RFC 3849)."""
    return f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"


async def make_visitors(resources: Resources, number: int) -> list[Visitor]:
    """Return users with accounts and nodes in the graph, made directly in the stores."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one() -> Visitor:
        async with turns:
            return Visitor(await make_account(resources, new_person()), new_address())

    return list(await asyncio.gather(*(one() for _ in range(number))))


def get(path: str, someone: Visitor) -> Request:
    """Return a GET by this user."""
    return lambda http: http.get(path, someone.token, someone.address)


def follow(one: Visitor, other: Visitor) -> Request:
    """Return the request by which `one` follows `other`."""
    body = {"user_id_to": other.user_id}
    return lambda http: http.post("/relationship/follow/following", body, one.token, one.address)
