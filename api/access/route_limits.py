"""The limit of each route, as an entry of its `dependencies`. Those of an address come before authentication,
those of a person after it. A house test checks that every route names one.
"""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from fastapi import Request
from fastapi.params import Depends as Dependency

from api.access.callers import caller, device_caller, optional_caller
from api.access.request_limits import RequestLimits, limits_of
from domain.email_address import email_key
from domain.username import username_key

TARGETS = ("email", "email_or_username", "flow_id")
"""What a start is aimed at: the first of these in the body."""
LONGEST_TARGET = 254

PolicyName = Literal["std", "strict", "start_address", "start_target"]
CountedBy = Callable[[Request, RequestLimits], Awaitable[Sequence[str]]]
"""What a request is counted by, as the parts of a bucket's key. Empty: it is not counted."""


def limit(*rules: tuple[PolicyName, CountedBy]) -> Dependency:
    """A dependency that counts the request by each rule and raises RateLimited once one of them is used up."""

    async def take(request: Request) -> None:
        limits = limits_of(request)
        keyed = [(getattr(limits.policies, policy), await counted_by(request, limits)) for policy, counted_by in rules]
        await limits.take(*[limits.bucket(policy, *key) for policy, key in keyed if key])

    return Dependency(take)


async def address(_: Request, limits: RequestLimits) -> Sequence[str]:
    return "address", limits.address_prefix


async def user(request: Request, _: RequestLimits) -> Sequence[str]:
    """Raises what `caller` raises."""
    return "user", (await caller(request)).user.user_id


async def user_on_device(request: Request, _: RequestLimits) -> Sequence[str]:
    """Raises what `device_caller` raises."""
    return "user", (await device_caller(request)).user.user_id


async def user_or_address(request: Request, limits: RequestLimits) -> Sequence[str]:
    found = await optional_caller(request)
    return ("user", found.user.user_id) if found else await address(request, limits)


async def target(request: Request, limits: RequestLimits) -> Sequence[str]:
    """The body has no shape yet: what names no target is counted for its address alone, and refused later."""
    named = target_of(await request.body())
    return ("target", named, limits.address_prefix) if named else ()


async def _spare(request: Request) -> None:
    limits_of(request).spare()


async def _count_failures(_: Request) -> None:
    """A mark: the route counts what fails (api/auth/login_throttle.py, or the refusals that no limit has seen)."""


std = limit(("std", address))
strict = limit(("strict", address))
start = limit(("start_address", address), ("start_target", target))
caller_std = limit(("std", user))
caller_strict = limit(("strict", user))
anybody_std = limit(("std", user_or_address))
device_std = limit(("std", user_on_device))
device_strict = limit(("strict", user_on_device))
device_start = limit(("start_address", address), ("start_target", user_on_device))
by_failures = Dependency(_count_failures)
unlimited = Dependency(_spare)

ALL = (
    std,
    strict,
    start,
    caller_std,
    caller_strict,
    anybody_std,
    device_std,
    device_strict,
    device_start,
    by_failures,
    unlimited,
)


def target_of(body: bytes) -> str | None:
    """The mail address, name or flow in a body, in the form in which it is unique."""
    try:
        fields = json.loads(body)
    except ValueError:
        return None
    typed = next((fields[name] for name in TARGETS if name in fields), None) if isinstance(fields, dict) else None
    if not isinstance(typed, str) or not 0 < len(typed) <= LONGEST_TARGET:
        return None
    return typed if "flow_id" in fields else identifier_key(typed)


def identifier_key(typed: str) -> str:
    """The key of a mail address or a username, whichever it is."""
    return email_key(typed) if "@" in typed else username_key(typed)
