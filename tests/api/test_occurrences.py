"""What requests write to the journal, found by their ids: request, flow and mail are one story."""

import secrets
from typing import Any

import httpx
import pytest

from adapters.resources import Resources
from domain.journal.occurrences import OccurrenceType as T
from tests.api.conftest import ChangeUser
from tests.api.occurrence_types import WRITES, WRITES_NONE
from tests.support.accounts import make_account
from tests.support.api_keys import make_key, with_key
from tests.support.contract import changing_operations
from tests.support.envelope import data
from tests.support.mailbox import Mailbox
from tests.support.occurrences import documents_of_request
from tests.support.people import SignedIn, new_person
from tests.support.polling import eventually
from tests.support.signed_in import on_device

REQUEST_ID = "x-request-id"


class Storyteller:
    """Sends requests with ids of their own, and finds what each has written."""

    def __init__(self, api: httpx.AsyncClient, resources: Resources) -> None:
        self._api = api
        self._resources = resources
        self._run = secrets.token_hex(6)

    async def ask(self, operation: str, method: str, path: str, headers: dict[str, str], body: Any = None) -> Any:
        """Send the request under the operation's name. Returns its data."""
        named = {**headers, REQUEST_ID: self._id_of(operation)}
        answer = await self._api.request(method, path, headers=named, json=body)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def wrote(self, operation: str, *types: T) -> list[dict[str, Any]]:
        """What the operation has written by now; waits for these types."""

        async def is_written() -> list[dict[str, Any]] | None:
            found = await documents_of_request(self._resources, self._id_of(operation))
            return found if {each["type"] for each in found} >= set(types) else None

        return await eventually(is_written, within=60)

    def _id_of(self, operation: str) -> str:
        return f"{operation}.{self._run}"


@pytest.fixture
def story(api: httpx.AsyncClient, resources: Resources) -> Storyteller:
    return Storyteller(api, resources)


def types_of(found: list[dict[str, Any]]) -> list[str]:
    return sorted(each["type"] for each in found)


def test_every_operation_that_is_no_get_says_what_it_writes() -> None:
    assert changing_operations() == {*WRITES, *WRITES_NONE}


def test_no_operation_is_in_both_tables() -> None:
    assert {*WRITES} & {*WRITES_NONE} == set()


async def test_changes_of_one_user_are_each_told_once(story: Storyteller, resources: Resources) -> None:
    someone = await make_account(resources)
    bearer, device = someone.bearer, on_device(someone)
    await story.ask("profiles.setBio", "PUT", "/users/profile/bio", bearer, {"bio": "A bio"})
    await story.ask("profiles.setDisplayName", "PUT", "/users/profile/display-name", bearer, {"display_name": "Ann"})
    session = await story.ask("auth.login", "POST", "/auth/login", {}, someone.person.credentials)
    logout = {"session_token": session["session_token"]}
    await story.ask("sessions.logout", "POST", "/auth/session/logout", {}, logout)
    await story.ask("account.deactivate", "PATCH", "/users/account/deactivate", device)

    played = {
        "profiles.setBio": T.USER_UPDATED,
        "profiles.setDisplayName": T.USER_UPDATED,
        "auth.login": T.USER_LOGIN,
        "sessions.logout": T.USER_LOGOUT,
    }
    assert {name: types_of(await story.wrote(name)) for name in played} == {k: [v] for k, v in played.items()}
    told = types_of(await story.wrote("account.deactivate", T.MAIL_SENT))
    assert told == [T.MAIL_SENT, T.USER_DEACTIVATED]


async def test_entry_tells_where_its_actor_was(
    api: httpx.AsyncClient, resources: Resources, change_user: ChangeUser
) -> None:
    admin, someone = await make_account(resources), await make_account(resources)
    await change_user(admin.user["_id"], {"role": "admin"})
    data(await api.put("/users/profile/bio", json={"bio": "A bio"}, headers=someone.bearer))
    grant = {"permission": "audit:read", "reason": "on call"}
    data(await api.post(f"/users/{someone.user['_id']}/grants", json=grant, headers=on_device(admin)), 201)

    async def places(reader: SignedIn, type: T) -> list[tuple[str | None, str | None]]:
        own = data(await api.get(f"/users/me/audit?type={type}", headers=reader.bearer))
        return [(entry["network"], entry["device"]) for entry in own["entries"]]

    async def told() -> bool:
        return len(await places(someone, T.USER_UPDATED)) == len(await places(admin, T.GRANT_CREATED)) == 1

    await eventually(told, within=60)
    assert await places(someone, T.USER_UPDATED) == [("127.0.0.0/24", None)]
    assert await places(admin, T.GRANT_CREATED) == [("127.0.0.0/24", "Firefox 145, Linux")]
    assert await places(someone, T.GRANT_CREATED) == [(None, None)]


async def test_entry_of_a_change_by_an_api_key_names_the_key(api: httpx.AsyncClient, resources: Resources) -> None:
    someone = await make_account(resources)
    key, secret = await make_key(api, someone, ["profile:update"])
    data(await api.put("/users/profile/bio", json={"bio": "A bio"}, headers=with_key(secret)))

    async def entries() -> list[dict[str, Any]]:
        own = data(await api.get("/users/me/audit?type=user.updated", headers=someone.bearer))
        return list(own["entries"])

    (entry,) = await eventually(entries, within=60)
    assert entry["actor"] == {"kind": "user", "id": someone.user["_id"], "key_id": key["_id"]}


async def test_entry_of_a_changed_key_says_which_fields(api: httpx.AsyncClient, resources: Resources) -> None:
    someone = await make_account(resources)
    key, _ = await make_key(api, someone)
    change = {"name": "x", "limit": None}
    answer = await api.patch(f"/api-keys/{key['_id']}", json=change, headers=on_device(someone))

    (recorded,) = await documents_of_request(resources, answer.headers["x-request-id"])

    assert recorded["public"] == {"key": key["_id"], "scopes": " ".join(key["scopes"]), "fields": "limit,name"}


async def test_registration_is_one_story_from_the_request_to_the_mail(story: Storyteller, mailbox: Mailbox) -> None:
    person = new_person()
    begin, verify = "registration.begin", "registration.verifyEmail"
    flow = await story.ask(begin, "POST", "/auth/register/email-verification", {}, person.application)
    code = await mailbox.code(person.email, "create-account")
    proof = {"flow_id": flow["flow_id"], "code": code, **person.device}
    user = (await story.ask(verify, "POST", "/auth/register/verify-email", {}, proof))["user"]

    ended, created = sorted(await story.wrote(verify), key=lambda each: each["type"])
    assert (created["type"], created["subject"]["id"]) == (T.USER_CREATED, user["_id"])
    assert (ended["type"], ended["actor"]["id"]) == (T.FLOW_ENDED, user["_id"])
    assert ended["cause"] == ended["subject"]["id"]
    mails = await story.wrote(begin, T.MAIL_SENT)
    assert {(mail["type"], mail["cause"]) for mail in mails} == {(T.MAIL_SENT, ended["cause"])}


async def test_flow_that_is_cancelled_tells_so_once_under_the_request_that_cancels_it(story: Storyteller) -> None:
    flow = await story.ask(
        "registration.begin", "POST", "/auth/register/email-verification", {}, new_person().application
    )
    await story.ask("flows.cancel", "POST", f"/flows/{flow['flow_id']}/cancel", {})

    (ended,) = await story.wrote("flows.cancel", T.FLOW_ENDED)

    assert (ended["actor"], ended["public"]) == (None, {"kind": "registration", "state": "cancelled"})
