"""The limit of each route, as an entry of its `dependencies`. Those of an address come before authentication,
those of a person after it. A house test checks that every route names one.
"""

import json
from typing import Any

from fastapi import Depends, Request

from api.access.callers import caller, device_caller, optional_caller
from api.access.request_limits import limits_of
from domain.email_address import email_key
from domain.username import username_key

TARGETS = ("email", "email_or_username", "flow_id")
"""What a start is aimed at: the first of these in the body."""
LONGEST_TARGET = 254


async def _std(request: Request) -> None:
    limits = limits_of(request)
    await limits.take(limits.of_address(limits.policies.std))


async def _strict(request: Request) -> None:
    limits = limits_of(request)
    await limits.take(limits.of_address(limits.policies.strict))


async def _caller_std(request: Request) -> None:
    limits, user = limits_of(request), (await caller(request)).user
    await limits.take(limits.bucket(limits.policies.std, "user", user.user_id))


async def _caller_strict(request: Request) -> None:
    limits, user = limits_of(request), (await caller(request)).user
    await limits.take(limits.bucket(limits.policies.strict, "user", user.user_id))


async def _anybody_std(request: Request) -> None:
    limits, somebody = limits_of(request), await optional_caller(request)
    std = limits.policies.std
    await limits.take(limits.bucket(std, "user", somebody.user.user_id) if somebody else limits.of_address(std))


async def _device_std(request: Request) -> None:
    limits, user = limits_of(request), (await device_caller(request)).user
    await limits.take(limits.bucket(limits.policies.std, "user", user.user_id))


async def _device_strict(request: Request) -> None:
    limits, user = limits_of(request), (await device_caller(request)).user
    await limits.take(limits.bucket(limits.policies.strict, "user", user.user_id))


async def _start(request: Request) -> None:
    """The body has no shape yet: what names no target is counted for its address, and refused later."""
    limits = limits_of(request)
    buckets = [limits.of_address(limits.policies.start_address)]
    target = target_of(await request.body())
    if target:
        buckets.append(limits.bucket(limits.policies.start_target, "target", target, limits.address_prefix))
    await limits.take(*buckets)


async def _device_start(request: Request) -> None:
    """A start aimed at oneself."""
    limits, user = limits_of(request), (await device_caller(request)).user
    account = limits.bucket(limits.policies.start_target, "user", user.user_id)
    await limits.take(limits.of_address(limits.policies.start_address), account)


async def _unlimited(request: Request) -> None:
    limits_of(request).spare()


async def _by_failures() -> None:
    """A mark: the route counts what fails (api/auth/login_throttle.py, or the refusals that no limit has seen)."""


std: Any = Depends(_std)
strict: Any = Depends(_strict)
start: Any = Depends(_start)
caller_std: Any = Depends(_caller_std)
caller_strict: Any = Depends(_caller_strict)
anybody_std: Any = Depends(_anybody_std)
device_std: Any = Depends(_device_std)
device_strict: Any = Depends(_device_strict)
device_start: Any = Depends(_device_start)
by_failures: Any = Depends(_by_failures)
unlimited: Any = Depends(_unlimited)

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
