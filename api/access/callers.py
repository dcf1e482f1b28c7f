"""Who is calling: found out once a request, however many ask.

Each is one dependency without others below it, since FastAPI pays for every branch; it says itself, in
docs/openapi.json, that it wants a token.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase

from adapters.resources import Resources
from api.access.authentication import Authenticator, Caller, DeviceCaller, authenticate_operator, bearer_token
from api.access.request_context import current_time
from domain.errors import Forbidden
from domain.flows import StartedBy, started_by
from domain.users.users import Role

FINGERPRINT_HEADERS = (
    "x-fingerprint-hash",
    "fingerprint-hash",
    "fingerprint",
    "x-fingerprint-hashed",
    "fingerprint-hashed",
)
"""The first is ours, the others are those of clients of the old system."""


FingerprintHash = Annotated[str | None, Header(alias="X-Fingerprint-Hash", description="The session's own device.")]


class Bearer(SecurityBase):
    """A dependency that reads a bearer token with `read`."""

    model = HTTPBearer(description="An access token, or an operator's token.")
    scheme_name = "HTTPBearer"

    def __init__(self, read: Callable[[Request], Awaitable[Any]]) -> None:
        self._read = read

    async def __call__(self, request: Request) -> Any:
        return await self._read(request)


class DeviceBearer(Bearer):
    """Says besides that the device is told by a header."""

    async def __call__(self, request: Request, _: FingerprintHash = None) -> Any:
        return await self._read(request)


async def require_caller(request: Request) -> Caller:
    """Raises NotAuthenticated, SessionRevoked or SessionExpired."""
    found: Caller | None = getattr(request.state, "caller", None)
    if found is None:
        found = request.state.caller = await authenticator(request).authenticate(
            bearer_token(_authorization(request)), current_time()
        )
    return found


async def find_caller(request: Request) -> Caller | None:
    """Nobody without the header. With it, whoever it names: a bad token is refused, not overlooked."""
    return await require_caller(request) if "authorization" in request.headers else None


async def require_device_caller(request: Request) -> DeviceCaller:
    """Raises DeviceNotTrusted besides what `require_caller` raises."""
    found: DeviceCaller | None = getattr(request.state, "device_caller", None)
    if found is None:
        token, fingerprint = bearer_token(_authorization(request)), _fingerprint(request)
        found = request.state.device_caller = await authenticator(request).authenticate_device(
            token, fingerprint, current_time()
        )
    return found


async def require_flow_owner(request: Request) -> str | None:
    """Id of who asks for the flow in the path, where only its owner may; None where the flow's id is enough, or that an
    admin asks.
    """
    flow_id = request.path_params["flow_id"]
    starter = started_by(flow_id)
    if starter is StartedBy.ADMIN:
        await require_admin(request)
    return (await require_device_caller(request)).user.user_id if starter is StartedBy.USER else None


async def require_admin(request: Request) -> Caller:
    """Raises Forbidden besides what `require_caller` raises."""
    found = await require_caller(request)
    if found.user.role is not Role.ADMIN:
        raise Forbidden
    return found


async def require_self_or_admin(request: Request) -> Caller:
    """Who is named in the path, or an admin. Raises Forbidden besides what `require_caller` raises."""
    found = await require_caller(request)
    return found if found.user.user_id == request.path_params["user_id"] else await require_admin(request)


async def require_operator(request: Request) -> str:
    """Name of the operator whose token came along. Raises NotAuthenticated."""
    return authenticate_operator(_authorization(request), _resources(request).operator_tokens)


def authenticator(request: Request) -> Authenticator:
    resources = _resources(request)
    return Authenticator(
        resources.auth.access_tokens, resources.hashes, resources.auth.sessions, request.app.state.known_sessions
    )


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


def _authorization(request: Request) -> str | None:
    """The header as it came; None when it came twice, for nobody can say which of the two was checked on the way."""
    given = request.headers.getlist("authorization")
    return given[0] if len(given) == 1 else None


def _fingerprint(request: Request) -> str | None:
    given = (request.headers.get(name) for name in FINGERPRINT_HEADERS)
    return next((value for value in given if value), None)
