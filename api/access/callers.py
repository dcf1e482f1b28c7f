"""Dependencies that return the authenticated caller, resolved once a request however often they are used.

Each is one dependency without sub-dependencies, since FastAPI spends time on every branch of the tree. Each declares
its security scheme in docs/openapi.json.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from adapters.causes import Origin, key_id, origin
from adapters.resources import Resources
from api.access.authentication import (
    Authenticator,
    Caller,
    DeviceCaller,
    SessionCaller,
    authenticate_operator,
    bearer_token,
)
from api.access.key_authentication import KeyAuthenticator, KeyCaller, require_network
from api.access.request_context import current_time, network_of
from api.access.request_limits import limits_of
from domain.auth.errors import KeyNotAllowed
from domain.auth.key_format import is_key
from domain.errors import NotAuthenticated

FINGERPRINT_HEADERS = (
    "x-fingerprint-hash",
    "fingerprint-hash",
    "fingerprint",
    "x-fingerprint-hashed",
    "fingerprint-hashed",
)
"""Headers with the device fingerprint: the first is the API's own, the others are those of legacy clients."""


KEY_HEADER = "x-api-key"
"""Header with an API key, for programs that cannot set `Authorization`. A query string is never read for one."""

FingerprintHash = Annotated[str | None, Header(alias="X-Fingerprint-Hash", description="The session's own device.")]


OPTIONAL_TOKEN: dict[str, Any] = {"security": [{}]}
"""`openapi_extra=` of a route that answers without a token as well."""


class Bearer(SecurityBase):
    """A dependency on a bearer token: returns the result of `read`."""

    model = HTTPBearer(description="An access token, or an operator's token.")
    scheme_name = "HTTPBearer"

    def __init__(self, read: Callable[[Request], Awaitable[Any]]) -> None:
        self._read = read

    async def __call__(self, request: Request) -> Any:
        return await self._read(request)


class DeviceBearer(Bearer):
    """`Bearer` that also declares the header with the device fingerprint."""

    async def __call__(self, request: Request, _: FingerprintHash = None) -> Any:
        return await self._read(request)


async def require_caller(request: Request) -> Caller:
    """Return the caller of the access token, or of the API key where the route's permit lets one in.

    Raises NotAuthenticated, SessionRevoked or SessionExpired, and for a key KeyNotAllowed or RateLimited.
    """
    caller: Caller | None = getattr(request.state, "caller", None)
    if caller is None:
        token = _credential(request)
        if is_key(token):
            caller = await _key_caller(request, token)
        else:
            caller = await authenticator(request).authenticate(token, current_time())
        request.state.caller = caller
        _set_origin(request, caller)
    return caller


async def _key_caller(request: Request, text: str) -> KeyCaller:
    """Return the caller of a key, who is in the journal and in the key's usage from then on."""
    limits = limits_of(request)
    caller = await _key_authenticator(request).authenticate(text, limits, current_time())
    request.state.used_key = caller.key
    require_network(caller)
    if not getattr(request.state, "takes_keys", False):
        raise KeyNotAllowed
    key_id.set(caller.key.key_id)
    return caller


async def require_session_caller(request: Request) -> SessionCaller:
    """Return the caller with their session. Raises KeyNotAllowed, and what `require_caller` raises."""
    caller = await require_caller(request)
    if not isinstance(caller, SessionCaller):
        raise KeyNotAllowed
    return caller


async def find_caller(request: Request) -> Caller | None:
    """Return the caller, or None without a token or key. An invalid one is refused, not ignored.

    Raises what `require_caller` raises.
    """
    has_credential = "authorization" in request.headers or KEY_HEADER in request.headers
    return await require_caller(request) if has_credential else None


async def require_device_caller(request: Request) -> DeviceCaller:
    """Return the caller on their trusted device, never with a key.

    Raises DeviceNotTrusted, and what `require_session_caller` raises.
    """
    caller: DeviceCaller | None = getattr(request.state, "device_caller", None)
    if caller is None:
        token, fingerprint = _credential(request), _fingerprint(request)
        if is_key(token):
            await _key_caller(request, token)
            raise KeyNotAllowed
        caller = await authenticator(request).authenticate_device(token, fingerprint, current_time())
        request.state.device_caller = request.state.caller = caller
        _set_origin(request, caller, device=caller.device.info.label)
    return caller


async def require_operator(request: Request) -> str:
    """Return the name of the operator whose token is presented. Raises NotAuthenticated."""
    return authenticate_operator(_authorization(request), _resources(request).operator_tokens)


def _set_origin(request: Request, caller: Caller, *, device: str | None = None) -> None:
    """Let the journal know where the caller is, in the occurrences of this request."""
    origin.set(Origin(caller.user.user_id, network_of(request), device))


def authenticator(request: Request) -> Authenticator:
    """Return an authenticator on the process's stores, keys and session cache."""
    resources = _resources(request)
    return Authenticator(
        resources.auth.access_tokens, resources.hashes, resources.auth.sessions, request.app.state.session_cache
    )


def _key_authenticator(request: Request) -> KeyAuthenticator:
    auth = _resources(request).auth
    return KeyAuthenticator(auth.api_key_secrets, auth.api_keys, request.app.state.session_cache.keys)


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


def _authorization(request: Request) -> str | None:
    """Return the Authorization header; None when it is repeated, as a proxy may have checked the other value."""
    values = request.headers.getlist("authorization")
    return values[0] if len(values) == 1 else None


def _credential(request: Request) -> str:
    """Return the access token or API key: a bearer token, or the key of `X-API-Key`. Raises NotAuthenticated when there
    is none or more than one.
    """
    keys = request.headers.getlist(KEY_HEADER)
    if not keys:
        return bearer_token(_authorization(request))
    if len(keys) > 1 or "authorization" in request.headers or not is_key(keys[0]):
        raise NotAuthenticated
    return keys[0]


def _fingerprint(request: Request) -> str | None:
    values = (request.headers.get(name) for name in FINGERPRINT_HEADERS)
    return next((value for value in values if value), None)
