"""Whatever ends all sessions or changes the password ends the flows under way that would end in a session, a password,
or another name or address.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx
import pytest

from adapters.resources import Resources
from tests.support.account_deletion import DEACTIVATE, REACTIVATE, credentials
from tests.support.email_change import EmailChanger
from tests.support.envelope import Json, data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import Authenticator, new_device, on_device, with_second_factor

FORGOT = "/auth/password/forgot"
DEVICE = "/auth/login/fingerprint/email-verification"
SECOND = "/auth/2fa/login"
NEW = "another long enough phrase"
CLOSED = (409, "FlowClosed")


@dataclass(frozen=True)
class Owner:
    """A user with a second factor, at the API."""

    api: httpx.AsyncClient
    mailbox: Mailbox
    someone: SignedIn
    authenticator: Authenticator

    async def posts(self, path: str, **body: object) -> httpx.Response:
        return await self.api.post(path, json=body)

    async def posts_signed_in(self, path: str, **body: object) -> httpx.Response:
        return await self.api.post(path, json=body, headers=on_device(self.someone))

    async def code(self, kind: str, number: int = 1) -> str:
        return await self.mailbox.code(self.someone.person.email, kind, number=number)

    async def begins_reset(self, number: int) -> Json:
        """A reset whose code is proved: it waits for the new password."""
        flow = data(await self.posts(f"{FORGOT}/initiate", email_or_username=self.someone.person.email), 202)
        proof = {"flow_id": flow["flow_id"], "code": await self.code("forgot-password-verify", number)}
        assert data(await self.posts(f"{FORGOT}/verify-email", **proof))["next"] == "new_password"
        return proof

    async def resets(self, proof: Json) -> httpx.Response:
        return await self.posts(f"{FORGOT}/change", **proof, new_password=NEW, otp=await self.authenticator.next_otp())


@pytest.fixture
async def owner(api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources) -> Owner:
    owner = Owner(api, mailbox, *await with_second_factor(api, resources))
    data(await owner.posts_signed_in("/auth/step-up", otp=await owner.authenticator.next_otp()))
    return owner


async def ends_other_sessions(owner: Owner) -> None:
    data(await owner.posts_signed_in("/auth/session/revoke-all"))


async def ends_all_sessions(owner: Owner) -> None:
    data(await owner.posts_signed_in("/auth/session/revoke-all", keep_current=False))


async def changes_password(owner: Owner) -> None:
    passwords = {"old_password": owner.someone.person.password, "new_password": NEW}
    otp = await owner.authenticator.next_otp()
    data(await owner.posts_signed_in("/auth/password/change", **passwords, otp=otp))


async def resets_password(owner: Owner) -> None:
    data(await owner.resets(await owner.begins_reset(number=2)))


async def changes_address(owner: Owner) -> None:
    await EmailChanger(owner.api, owner.mailbox, owner.someone).changes_email(new_person().email)


async def leaves_and_comes_back(owner: Owner) -> None:
    data(await owner.api.patch(DEACTIVATE, headers=on_device(owner.someone)))
    proofs = credentials(owner.someone, otp=await owner.authenticator.next_otp())
    data(await owner.api.patch(REACTIVATE, json=proofs))


Deed = Callable[[Owner], Awaitable[None]]

KEEPING_THIS_SESSION: list[Deed] = [ends_other_sessions, changes_password, changes_address]
ENDING_ALL: list[Deed] = [*KEEPING_THIS_SESSION, ends_all_sessions, resets_password, leaves_and_comes_back]


def name_of(deed: Deed) -> str:
    return deed.__name__


@pytest.mark.parametrize("deed", ENDING_ALL, ids=name_of)
async def test_end_of_all_sessions_ends_what_would_end_in_a_session_or_a_password(owner: Owner, deed: Deed) -> None:
    on_new_device = data(await owner.posts("/auth/login", **new_device(owner.someone.person)), 202)["flow_id"]
    device_code = await owner.code("fingerprint-verify")
    on_known_device = data(await owner.posts("/auth/login", **owner.someone.person.credentials), 202)["flow_id"]
    reset = await owner.begins_reset(number=1)
    sso = data(await owner.posts_signed_in("/auth/sso/create", app="desk"), 201)["sso_token"]

    await deed(owner)

    assert refusal(await owner.posts(DEVICE, flow_id=on_new_device, code=device_code)) == CLOSED
    otp = await owner.authenticator.next_otp()
    assert refusal(await owner.posts(SECOND, flow_id=on_known_device, otp=otp)) == CLOSED
    assert refusal(await owner.resets(reset)) == CLOSED
    assert refusal(await owner.posts("/auth/sso/validate", sso_token=sso, app="desk")) == (401, "SsoTokenInvalid")


@pytest.mark.parametrize("deed", ENDING_ALL, ids=name_of)
async def test_code_of_a_reset_begun_before_counts_no_more(owner: Owner, deed: Deed) -> None:
    flow = data(await owner.posts(f"{FORGOT}/initiate", email_or_username=owner.someone.person.email), 202)
    code = await owner.code("forgot-password-verify")

    await deed(owner)

    assert refusal(await owner.posts(f"{FORGOT}/verify-email", flow_id=flow["flow_id"], code=code)) == CLOSED
    assert data(await owner.api.get(f"/flows/{flow['flow_id']}"))["state"] == "failed"


@pytest.mark.parametrize("deed", KEEPING_THIS_SESSION, ids=name_of)
async def test_end_of_the_other_sessions_keeps_this_one(owner: Owner, deed: Deed) -> None:
    await deed(owner)

    current = data(await owner.api.get("/auth/session/active", headers=on_device(owner.someone)))["sessions"]
    token = {"session_token": owner.someone.session["session_token"]}

    assert [session["_id"] for session in current] == [owner.someone.session["_id"]]
    assert data(await owner.posts("/auth/session/refresh", **token))["_id"] == owner.someone.session["_id"]


@pytest.mark.parametrize("deed", [ends_other_sessions, changes_password], ids=name_of)
async def test_change_of_address_begun_before_does_not_go_through(owner: Owner, deed: Deed) -> None:
    mover, address = EmailChanger(owner.api, owner.mailbox, owner.someone), new_person().email
    await mover.starts_and_proves()
    data(await mover.enters_new_email(address), 202)

    await deed(owner)

    assert refusal(await mover.types_the_new_code(address)) == CLOSED
    me = data(await owner.api.get("/users/profile/me", headers=on_device(owner.someone)))
    assert me["email"] == owner.someone.person.email


@pytest.mark.parametrize("deed", [ends_other_sessions, changes_password], ids=name_of)
async def test_change_of_address_begun_before_takes_no_further_step(owner: Owner, deed: Deed) -> None:
    mover = EmailChanger(owner.api, owner.mailbox, owner.someone)
    flow_id = await mover.starts()
    code = await owner.code("email-change-verify")

    await deed(owner)

    verified = await owner.posts_signed_in("/users/email/change/verify-email", flow_id=flow_id, code=code)
    assert refusal(verified) == CLOSED


@pytest.mark.parametrize("deed", [ends_other_sessions, changes_password], ids=name_of)
async def test_change_of_address_begun_before_mails_no_new_address(owner: Owner, deed: Deed) -> None:
    mover = EmailChanger(owner.api, owner.mailbox, owner.someone)
    await mover.starts_and_proves()

    await deed(owner)

    assert refusal(await mover.enters_new_email(new_person().email)) == CLOSED


@pytest.mark.parametrize("deed", [ends_other_sessions, changes_password], ids=name_of)
async def test_changes_begun_before_are_not_pending_any_more(owner: Owner, deed: Deed) -> None:
    await EmailChanger(owner.api, owner.mailbox, owner.someone).starts()
    data(await owner.posts_signed_in("/users/username/change/initiate", new_username=new_person().username), 202)

    await deed(owner)

    me = data(await owner.api.get("/users/profile/me", headers=on_device(owner.someone)))
    assert me["pending_flows"] == []


@pytest.mark.parametrize("deed", [ends_other_sessions, changes_password], ids=name_of)
async def test_change_of_username_begun_before_does_not_go_through(owner: Owner, deed: Deed) -> None:
    initiated = await owner.posts_signed_in("/users/username/change/initiate", new_username=new_person().username)
    flow_id, code = data(initiated, 202)["flow_id"], await owner.code("username-change-verify")

    await deed(owner)

    response = await owner.posts_signed_in("/users/username/change/verify-email", flow_id=flow_id, code=code)
    assert refusal(response) == CLOSED


async def test_way_back_to_the_old_address_outlives_a_new_password(owner: Owner) -> None:
    """Who took the account over may change address and password: the old mailbox still takes it back."""
    mover = EmailChanger(owner.api, owner.mailbox, owner.someone)
    await mover.changes_email(new_person().email)
    way_back = await mover.read_revert_mail(owner.someone.person.email)
    await changes_password(owner)

    data(await mover.reverts(way_back))


async def test_revert_of_an_address_ends_what_would_end_in_a_session(owner: Owner) -> None:
    mover = EmailChanger(owner.api, owner.mailbox, owner.someone)
    await mover.changes_email(new_person().email)
    flow = data(await owner.posts("/auth/login", **owner.someone.person.credentials), 202)
    data(await mover.reverts(await mover.read_revert_mail(owner.someone.person.email)))

    response = await owner.posts(SECOND, flow_id=flow["flow_id"], otp=await owner.authenticator.next_otp())

    assert refusal(response) == CLOSED
