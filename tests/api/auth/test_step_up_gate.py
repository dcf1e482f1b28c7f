"""The order of a sensitive route: no proof, then what the state forbids, and only then a proof, which costs a hash."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from api.operations.admin import make_admin
from domain.username import username_key
from tests.api.access_levels import UNKNOWN_ID
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.envelope import Json, data, refusal
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import Authenticator, forget_step_up, on_device, turn_on_second_factor, with_second_factor

STEP_UP = "/auth/step-up"
SETUP = "POST /auth/2fa/setup"
REVOKE = "POST /auth/fingerprints/revoke"
RENAME = "POST /users/username/change/initiate"
WRONG_PASSWORD = "not the pass phrase"
WRONG = {"current_password": WRONG_PASSWORD, "otp": "000000"}


@dataclass(frozen=True)
class Scene:
    api: httpx.AsyncClient
    resources: Resources
    someone: SignedIn
    change_user: ChangeUser

    async def asks(self, route: str, body: Json) -> httpx.Response:
        method, path = route.split(" ")
        return await self.api.request(method, path, json=body, headers=on_device(self.someone))

    async def prepares(self, prepare: "Preparation") -> Json:
        """Bring the account into its state, with its last proof long ago. Returns the body that the state forbids."""
        body = await prepare(self)
        await forget_step_up(self.resources, self.someone.session["_id"])
        return body

    async def changes(self, **fields: object) -> None:
        await self.change_user(self.someone.user["_id"], fields)


Preparation = Callable[[Scene], Awaitable[Json]]


@pytest.fixture
def scene(api: httpx.AsyncClient, resources: Resources, someone: SignedIn, change_user: ChangeUser) -> Scene:
    return Scene(api, resources, someone, change_user)


async def new_account(scene: Scene) -> Json:
    return {}


async def second_factor_on(scene: Scene) -> Json:
    await turn_on_second_factor(scene.api, scene.resources, scene.someone)
    return {}


async def unknown_device(scene: Scene) -> Json:
    return {"device_fingerprint_id": UNKNOWN_ID}


async def device_of_another_user(scene: Scene) -> Json:
    other = await make_account(scene.resources)
    return {"device_fingerprint_id": other.session["device_fingerprint_id"]}


async def reserved_name(scene: Scene) -> Json:
    return {"new_username": "admin"}


async def own_name(scene: Scene) -> Json:
    return {"new_username": scene.someone.person.username}


async def name_of_another_user(scene: Scene) -> Json:
    other = await make_account(scene.resources)
    return {"new_username": other.person.username.upper()}


async def name_held_for_another_user(scene: Scene) -> Json:
    name, now = new_person().username, datetime.now(UTC)
    key = scene.resources.hashes.username_hold_key(username_key(name))
    await scene.resources.accounts.registrations.reserve(
        key, workflow_id="registration/other", until=now + timedelta(hours=1), now=now
    )
    return {"new_username": name}


async def name_changed_lately(scene: Scene) -> Json:
    await scene.changes(last_username_change=datetime.now(UTC) - timedelta(days=29))
    return {"new_username": new_person().username}


async def address_taken_back_lately(scene: Scene) -> Json:
    await scene.changes(email_reverted={"at": datetime.now(UTC) - timedelta(days=6)})
    return {}


async def last_admin(scene: Scene) -> Json:
    await make_admin(scene.resources, scene.someone.person.username)
    return {}


Forbidden = tuple[Preparation, str, int, str]

FORBIDDEN: list[Forbidden] = [
    (second_factor_on, SETUP, 409, "TwoFactorEnabled"),
    (new_account, "POST /auth/2fa/disable", 409, "TwoFactorNotSetUp"),
    (new_account, "POST /auth/2fa/recovery-codes", 409, "TwoFactorNotSetUp"),
    (unknown_device, REVOKE, 404, "DeviceNotFound"),
    (device_of_another_user, REVOKE, 404, "DeviceNotFound"),
    (reserved_name, RENAME, 409, "UsernameTaken"),
    (own_name, RENAME, 409, "UsernameTaken"),
    (name_of_another_user, RENAME, 409, "UsernameTaken"),
    (name_held_for_another_user, RENAME, 409, "UsernameTaken"),
    (name_changed_lately, RENAME, 409, "UsernameCooldown"),
    (address_taken_back_lately, "POST /users/email/change/initiate", 409, "EmailChangeBarred"),
    (last_admin, "PATCH /users/account/deactivate", 409, "LastAdmin"),
]
IDS = [f"{case[0].__name__.replace('_', ' ')}, {case[1]}" for case in FORBIDDEN]


@pytest.mark.usefixtures("no_other_admins")
@pytest.mark.parametrize("case", FORBIDDEN, ids=IDS)
async def test_what_the_state_forbids_is_refused_before_a_proof_is_checked(scene: Scene, case: Forbidden) -> None:
    prepare, route, status, error = case
    body = await scene.prepares(prepare)

    assert refusal(await scene.asks(route, body | WRONG)) == (status, error)


@pytest.mark.usefixtures("no_other_admins")
@pytest.mark.parametrize("case", FORBIDDEN, ids=IDS)
async def test_caller_without_a_proof_is_not_told_the_state(scene: Scene, case: Forbidden) -> None:
    prepare, route, _, _ = case
    body = await scene.prepares(prepare)

    assert refusal(await scene.asks(route, body)) == (403, "StepUpRequired")


@pytest.fixture
async def careful(api: httpx.AsyncClient, resources: Resources) -> tuple[SignedIn, Authenticator]:
    """A user with a second factor, whose last proof is long ago."""
    someone, authenticator = await with_second_factor(api, resources)
    await forget_step_up(resources, someone.session["_id"])
    return someone, authenticator


ONLY_A_PASSWORD: Mapping[str, Json] = {
    STEP_UP: {"current_password": WRONG_PASSWORD},
    "/auth/2fa/disable": {"current_password": WRONG_PASSWORD},
    "/users/account/export": {"current_password": WRONG_PASSWORD},
    "/auth/password/change": {"old_password": WRONG_PASSWORD, "new_password": "four quiet herons at noon"},
}


@pytest.mark.parametrize("route", ONLY_A_PASSWORD)
async def test_missing_second_factor_is_refused_before_the_password_is_checked(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator], route: str
) -> None:
    response = await api.post(route, json=ONLY_A_PASSWORD[route], headers=on_device(careful[0]))

    assert refusal(response) == (403, "SecondFactorRequired")


@pytest.mark.parametrize("kind", ["otp", "recovery_code"])
async def test_refusal_by_state_uses_up_no_proof(
    api: httpx.AsyncClient, careful: tuple[SignedIn, Authenticator], kind: str
) -> None:
    someone, authenticator = careful
    proof = {kind: await authenticator.next_otp() if kind == "otp" else authenticator.recovery_codes[0]}

    refused = await api.post("/auth/2fa/setup", json=proof, headers=on_device(someone))

    assert refusal(refused) == (409, "TwoFactorEnabled")
    data(await api.post(STEP_UP, json=proof, headers=on_device(someone)))
