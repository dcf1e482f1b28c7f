"""Callers of every kind, with what the rules know of them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from adapters.resources import Resources
from domain.users.permissions import PERMISSIONS, Permission
from domain.users.roles import BUILT_IN_ROLES
from domain.users.users import Role
from tests.api.access_levels import Level
from tests.support.accounts import make_account
from tests.support.api_keys import store_key, with_key
from tests.support.envelope import Json
from tests.support.people import SignedIn
from tests.support.signed_in import forget_step_up, on_device

IN = None
"""Admitted: the route answers with none of the refusals below."""
NO_TOKEN, REVOKED, EXPIRED = (401, "NotAuthenticated"), (401, "SessionRevoked"), (401, "SessionExpired")
OTHER_DEVICE, NO_PROOF, FORBIDDEN = (403, "DeviceNotTrusted"), (403, "StepUpRequired"), (403, "Forbidden")
NO_KEYS, NO_SCOPE = (403, "KeyNotAllowed"), (403, "ScopeMissing")
GATES = {NO_TOKEN, REVOKED, EXPIRED, OTHER_DEVICE, NO_PROOF, FORBIDDEN, NO_KEYS, NO_SCOPE}

Refusal = tuple[int, str] | None
Headers = dict[str, str]
Become = Callable[[Resources, SignedIn], Awaitable[Headers]]


@dataclass(frozen=True)
class Asker:
    """A kind of caller. `become` makes a user one of them, and returns the headers of their requests.

    `refusal`: of the credentials, by each route that looks at them. `scopes`: of an API key; None if it is a token.
    """

    become: Become
    refusal: Refusal = IN
    role: Role = Role.USER
    has_credentials: bool = True
    has_device: bool = True
    has_proved: bool = True
    is_operator: bool = False
    scopes: frozenset[str] | None = None

    def __str__(self) -> str:
        return self.become.__name__.replace("_", " ")

    def may(self, permission: str) -> bool:
        """Whether the role has the permission, itself or from a role that it includes."""
        included = [role for role in Role if [*Role].index(role) <= [*Role].index(self.role)]
        return any(permission in BUILT_IN_ROLES[role].permissions for role in included)


def refusal_of(asker: Asker, level: Level) -> Refusal:
    """Return how a route refuses the caller, by the first of its rules that does."""
    if level.is_for_operators:
        return IN if asker.is_operator else NO_TOKEN
    if level.by_key and not level.permissions:
        return IN if asker.scopes is not None else asker.refusal or NO_TOKEN
    if not level.permissions or (level.is_optional and not asker.has_credentials):
        return IN
    rules = [
        (asker.refusal, asker.refusal is not IN),
        (NO_KEYS, asker.scopes is not None and not level.by_key),
        (OTHER_DEVICE, bool(level.needs) and not asker.has_device),
        (NO_SCOPE, asker.scopes is not None and not asker.scopes.issuperset(level.permissions)),
        (FORBIDDEN, not all(map(asker.may, level.permissions))),
        (NO_PROOF, "step_up" in level.needs and not asker.has_proved),
    ]
    return next((refusal for refusal, is_met in rules if is_met), IN)


async def anonymous(resources: Resources, someone: SignedIn) -> Headers:
    return {}


async def on_their_device(resources: Resources, someone: SignedIn) -> Headers:
    return on_device(someone)


async def without_device(resources: Resources, someone: SignedIn) -> Headers:
    return someone.bearer


async def on_unknown_device(resources: Resources, someone: SignedIn) -> Headers:
    return someone.bearer | {"X-Fingerprint-Hash": "f" * 64}


async def on_the_device_of_another_user(resources: Resources, someone: SignedIn) -> Headers:
    other = await make_account(resources)
    return someone.bearer | {"X-Fingerprint-Hash": other.person.fingerprint}


async def on_a_device_no_longer_trusted(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "device_fingerprints", someone.session["device_fingerprint_id"], {"is_trusted": False})
    return on_device(someone)


async def with_a_revoked_session(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "sessions", someone.session["_id"], {"is_active": False})
    return on_device(someone)


async def with_an_expired_session(resources: Resources, someone: SignedIn) -> Headers:
    over = datetime.now(UTC) - timedelta(seconds=1)
    await change(resources, "sessions", someone.session["_id"], {"expires_at": over})
    return on_device(someone)


async def after_the_end_of_all_sessions(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"session_epoch": 1})
    return on_device(someone)


async def deactivated(resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"is_active": False})
    return on_device(someone)


async def long_after_the_last_proof(resources: Resources, someone: SignedIn) -> Headers:
    await forget_step_up(resources, someone.session["_id"])
    return on_device(someone)


async def as_operator(resources: Resources, someone: SignedIn) -> Headers:
    return {"Authorization": f"Bearer {next(iter(resources.operator_tokens.values()))}"}


async def as_guest(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_role(Role.GUEST, resources, someone)


async def as_editor(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_role(Role.EDITOR, resources, someone)


async def as_moderator(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_role(Role.MODERATOR, resources, someone)


async def as_admin(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_role(Role.ADMIN, resources, someone)


async def as_super_admin(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_role(Role.SUPER_ADMIN, resources, someone)


async def as_admin_without_device(resources: Resources, someone: SignedIn) -> Headers:
    await _with_role(Role.ADMIN, resources, someone)
    return someone.bearer


async def with_a_key_of_one_scope(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_key(ONE_SCOPE, resources, someone)


async def with_a_key_of_all_scopes(resources: Resources, someone: SignedIn) -> Headers:
    return await _with_key(ALL_SCOPES, resources, someone)


async def as_admin_with_a_key_of_all_scopes(resources: Resources, someone: SignedIn) -> Headers:
    await _with_role(Role.ADMIN, resources, someone)
    return await _with_key(ALL_SCOPES, resources, someone)


async def _with_key(scopes: frozenset[str], resources: Resources, someone: SignedIn) -> Headers:
    return with_key(await store_key(resources, someone.user["_id"], sorted(scopes)))


async def _with_role(role: Role, resources: Resources, someone: SignedIn) -> Headers:
    await change(resources, "users", someone.user["_id"], {"role": role})
    return on_device(someone)


async def change(resources: Resources, collection: str, which: str, fields: Json) -> None:
    """Set fields in the store directly, so that only the access rules detect the change."""
    found = await resources.clients.database[collection].update_one({"_id": ObjectId(which)}, {"$set": fields})
    assert found.matched_count == 1


ALL_SCOPES = frozenset(name for name, spec in PERMISSIONS.items() if spec.is_scope)
ONE_SCOPE = frozenset({Permission.AUDIT_SELF})
ANONYMOUS = Asker(anonymous, NO_TOKEN, has_credentials=False)
USER = Asker(on_their_device)
WITHOUT_DEVICE = Asker(without_device, has_device=False)
GUEST = Asker(as_guest, role=Role.GUEST)
ASKERS = (
    ANONYMOUS,
    USER,
    WITHOUT_DEVICE,
    Asker(on_unknown_device, has_device=False),
    Asker(on_the_device_of_another_user, has_device=False),
    Asker(on_a_device_no_longer_trusted, has_device=False),
    Asker(with_a_revoked_session, REVOKED),
    Asker(with_an_expired_session, EXPIRED),
    Asker(after_the_end_of_all_sessions, REVOKED),
    Asker(deactivated, REVOKED),
    Asker(long_after_the_last_proof, has_proved=False),
    Asker(as_operator, NO_TOKEN, is_operator=True),
    GUEST,
    Asker(as_editor, role=Role.EDITOR),
    Asker(as_moderator, role=Role.MODERATOR),
    Asker(as_admin, role=Role.ADMIN),
    Asker(as_super_admin, role=Role.SUPER_ADMIN),
    Asker(as_admin_without_device, role=Role.ADMIN, has_device=False),
    Asker(with_a_key_of_one_scope, scopes=ONE_SCOPE),
    Asker(with_a_key_of_all_scopes, scopes=ALL_SCOPES),
    Asker(as_admin_with_a_key_of_all_scopes, role=Role.ADMIN, scopes=ALL_SCOPES),
)
"""The columns of the table."""
