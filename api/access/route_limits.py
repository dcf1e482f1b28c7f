"""The rate limit of each route, as an entry of its `dependencies`. Limits by address run before authentication, limits
by user after it. A house test checks that every route declares one.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Literal

from fastapi import Request
from fastapi.params import Depends as Dependency

from api.access.callers import find_caller, require_caller, require_device_caller
from api.access.key_authentication import KeyCaller
from api.access.request_limits import RequestLimits, limits_of
from api.schemas.json_text import parse_json
from domain.auth.api_keys import ApiKey, KeyLimit
from domain.email_address import email_key
from domain.rate_limits import Bucket, Policy
from domain.username import username_key

TARGET_FIELDS = ("email", "email_or_username", "flow_id")
"""Fields with the target of a flow start: the first of these in the body counts."""
MAX_TARGET_LENGTH = 254

PolicyName = Literal["std", "strict", "start_address", "start_target", "chat", "tools"]
CountedBy = Callable[[Request, RequestLimits], Awaitable[Sequence[str]]]
"""Returns the parts of a bucket's key that a request is counted by. Empty: it is not counted."""


def limit(*rules: tuple[PolicyName, CountedBy]) -> Dependency:
    """Return a dependency that counts the request by each rule, and by the limit of the API key that it comes with.

    It raises RateLimited when one is exhausted.
    """

    async def take(request: Request) -> None:
        limits = limits_of(request)
        keyed = [(getattr(limits.policies, policy), await counted_by(request, limits)) for policy, counted_by in rules]
        buckets = [limits.bucket(policy, *key) for policy, key in keyed if key]
        await limits.enforce(*buckets, *_key_buckets(request, limits))

    return Dependency(take)


def key_bucket(key: ApiKey, limits: RequestLimits) -> Bucket | None:
    """Return the bucket of a key's own limit; None without one."""
    if key.limit is None:
        return None
    return limits.bucket(key_policy(key.limit), "key", key.key_id)


def key_policy(limit: KeyLimit) -> Policy:
    """Return a key's own limit as a policy."""
    return Policy("key", limit.count, timedelta(seconds=limit.seconds))


def _key_buckets(request: Request, limits: RequestLimits) -> Sequence[Bucket]:
    caller = getattr(request.state, "caller", None)
    bucket = key_bucket(caller.key, limits) if isinstance(caller, KeyCaller) else None
    return [bucket] if bucket else []


async def address(_: Request, limits: RequestLimits) -> Sequence[str]:
    """Return the key of the client's network."""
    return "address", limits.client_network


async def user(request: Request, _: RequestLimits) -> Sequence[str]:
    """Return the key of the authenticated user. Raises what `require_caller` raises."""
    return "user", (await require_caller(request)).user.user_id


async def user_on_device(request: Request, _: RequestLimits) -> Sequence[str]:
    """Return the key of the user on their trusted device. Raises what `require_device_caller` raises."""
    return "user", (await require_device_caller(request)).user.user_id


async def user_or_address(request: Request, limits: RequestLimits) -> Sequence[str]:
    """Return the key of the user, or without an access token that of the client's network.

    Raises what `find_caller` raises.
    """
    caller = await find_caller(request)
    return ("user", caller.user.user_id) if caller else await address(request, limits)


async def target(request: Request, limits: RequestLimits) -> Sequence[str]:
    """Return the key of target and network. Empty without a target: the body is validated, and refused, later."""
    named = limit_target(await request.body())
    return ("target", named, limits.client_network) if named else ()


async def _exempt(request: Request) -> None:
    limits_of(request).exempt()


async def _count_failures(_: Request) -> None:
    """A marker: the route counts only failures (api/auth/login_throttle.py, or the default limit of errors)."""


std = limit(("std", address))
strict = limit(("strict", address))
start = limit(("start_address", address), ("start_target", target))
caller_std = limit(("std", user))
caller_strict = limit(("strict", user))
user_or_address_std = limit(("std", user_or_address))
chat = limit(("chat", user))
tools = limit(("tools", user))
device_std = limit(("std", user_on_device))
device_strict = limit(("strict", user_on_device))
device_start = limit(("start_address", address), ("start_target", user_on_device))
by_failures = Dependency(_count_failures)
unlimited = Dependency(_exempt)

ALL_LIMITS = (
    std,
    strict,
    start,
    caller_std,
    caller_strict,
    user_or_address_std,
    chat,
    tools,
    device_std,
    device_strict,
    device_start,
    by_failures,
    unlimited,
)


def limit_target(body: bytes) -> str | None:
    """Return the email address, username or flow id in a JSON body, in its unique form; None if there is none."""
    try:
        fields = parse_json(body)
    except ValueError:
        return None
    typed = next((fields[name] for name in TARGET_FIELDS if name in fields), None) if isinstance(fields, dict) else None
    if not isinstance(typed, str) or not 0 < len(typed) <= MAX_TARGET_LENGTH:
        return None
    return typed.strip() if "flow_id" in fields else identifier_key(typed.strip())


def identifier_key(typed: str) -> str:
    """Return the unique form of an email address or a username. An `@` makes it an address."""
    return email_key(typed) if "@" in typed else username_key(typed)
