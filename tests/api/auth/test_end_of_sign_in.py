"""The end of a sign-in under way: the account counts as it is then, not as it was at the first proof."""

from collections.abc import Awaitable, Callable

import httpx
import pyotp
import pytest
from eth_account.signers.local import LocalAccount

from adapters.resources import Resources
from api.operations.admin import make_admin
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.email_change import EmailChanger
from tests.support.envelope import Json, data, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.signed_in import Authenticator, new_device, on_device, turn_on_second_factor, with_second_factor
from tests.support.username_change import change_username
from tests.support.wallets import challenge, signed, with_wallet

LOGIN = "/auth/login"
BY_WALLET = "/wallets/auth/validation"
DEVICE = "/auth/login/fingerprint/email-verification"
SECOND = "/auth/2fa/login"
WRONG_OTP = "000000"
WRONG_CODE = "WRQNG2"
PHONE = {"fingerprint_hashed": "f" * 64, "browser": "Firefox 145", "device": "Phone"}
"""New to every account that was just made."""

Begin = Callable[[httpx.AsyncClient, SignedIn], Awaitable[Json]]


async def begin_by_password(api: httpx.AsyncClient, someone: SignedIn) -> Json:
    """A sign-in on a new device."""
    flow: Json = data(await api.post(LOGIN, json=new_device(someone.person)), 202)
    return flow


async def begin_by_wallet(api: httpx.AsyncClient, someone: SignedIn) -> Json:
    """The same by a wallet that is linked for it."""
    return await begin_with(api, await with_wallet(api, someone), PHONE)


async def begin_with(api: httpx.AsyncClient, wallet: LocalAccount, device: dict[str, str]) -> Json:
    proof = signed(wallet, await challenge(api, wallet, "auth"))
    flow: Json = data(await api.post(BY_WALLET, json=proof | device), 202)
    return flow


async def code_for(mailbox: Mailbox, someone: SignedIn, flow: Json) -> Json:
    """The body that proves the device."""
    return {"flow_id": flow["flow_id"], "code": await mailbox.code(someone.person.email, "fingerprint-verify")}


async def claims(api: httpx.AsyncClient, session: Json) -> Json:
    token = {"access_token": session["access_token"]}
    found: Json = data(await api.post("/auth/session/validate-access", json=token))
    return found


async def refreshed(api: httpx.AsyncClient, session: Json) -> Json:
    token = {"session_token": session["session_token"]}
    found: Json = data(await api.post("/auth/session/refresh", json=token))
    return found


async def disable_second_factor(api: httpx.AsyncClient, someone: SignedIn, authenticator: Authenticator) -> None:
    body = {"otp": await authenticator.next_otp()}
    data(await api.post("/auth/2fa/disable", json=body, headers=on_device(someone)))


@pytest.mark.parametrize(
    ("begin", "amr"),
    [(begin_by_password, ["pwd", "otp"]), (begin_by_wallet, ["swk", "otp"])],
    ids=["password", "wallet"],
)
async def test_second_factor_turned_on_meanwhile_is_asked_for(
    api: httpx.AsyncClient,
    mailbox: Mailbox,
    resources: Resources,
    someone: SignedIn,
    begin: Begin,
    amr: list[str],
) -> None:
    flow = await begin(api, someone)
    authenticator = await turn_on_second_factor(api, resources, someone)

    proved = data(await api.post(DEVICE, json=await code_for(mailbox, someone, flow)), 202)
    second = {"flow_id": flow["flow_id"], "otp": await authenticator.next_otp()}
    session = data(await api.post(SECOND, json=second))

    assert (proved["state"], proved["next"], proved["attempts_left"]) == ("waiting", "otp", 5)
    assert (await claims(api, session))["amr"] == amr


async def test_second_factor_turned_off_meanwhile_is_not_asked_for(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    flow = await begin_by_password(api, someone)
    await disable_second_factor(api, someone, authenticator)

    session = data(await api.post(DEVICE, json=await code_for(mailbox, someone, flow)))

    assert (await claims(api, session))["amr"] == ["pwd"]


async def test_second_factor_turned_off_while_it_is_waited_for_is_accepted_as_not_needed(
    api: httpx.AsyncClient, resources: Resources
) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    flow = data(await api.post(LOGIN, json=someone.person.credentials), 202)
    await disable_second_factor(api, someone, authenticator)

    session = data(await api.post(SECOND, json={"flow_id": flow["flow_id"], "otp": WRONG_OTP}))

    assert flow["next"] == "otp"
    assert (await claims(api, session))["amr"] == ["pwd"]


async def test_second_factor_replaced_meanwhile_is_the_one_that_counts(
    api: httpx.AsyncClient, resources: Resources
) -> None:
    someone, old = await with_second_factor(api, resources)
    flow = data(await api.post(LOGIN, json=someone.person.credentials), 202)
    await disable_second_factor(api, someone, old)
    new = await turn_on_second_factor(api, resources, someone)

    by_old = await api.post(SECOND, json={"flow_id": flow["flow_id"], "otp": pyotp.TOTP(old.secret).now()})
    by_new = await api.post(SECOND, json={"flow_id": flow["flow_id"], "otp": await new.next_otp()})

    assert refusal(by_old) == (400, "WrongCode")
    assert (await claims(api, data(by_new)))["amr"] == ["pwd", "otp"]


@pytest.mark.parametrize(("before", "now"), [("admin", "user"), ("user", "moderator")])
async def test_role_of_now_is_in_the_tokens_and_stays_there(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, someone: SignedIn, before: str, now: str
) -> None:
    admin = await make_account(resources)
    await make_admin(resources, admin.person.username)
    await give_role(api, admin, someone, before)
    flow = await begin_by_password(api, someone)
    await give_role(api, admin, someone, now)

    session = data(await api.post(DEVICE, json=await code_for(mailbox, someone, flow)))
    later = await refreshed(api, session)

    assert [(await claims(api, each))["role"] for each in (session, later)] == [now, now]


async def give_role(api: httpx.AsyncClient, admin: SignedIn, someone: SignedIn, role: str) -> None:
    body = {"user_id": someone.user["_id"], "role": role}
    data(await api.put("/users/profile/role", json=body, headers=admin.bearer))


async def test_username_of_now_is_in_the_tokens(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> None:
    flow, name = await begin_by_password(api, someone), new_person().username
    await change_username(api, mailbox, someone, name)

    session = data(await api.post(DEVICE, json=await code_for(mailbox, someone, flow)))

    assert (await claims(api, session))["username"] == name


async def test_address_changed_meanwhile_ends_the_flow(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    proof = await code_for(mailbox, someone, await begin_by_password(api, someone))
    await EmailChanger(api, mailbox, someone).changes_email(new_person().email)

    assert refusal(await api.post(DEVICE, json=proof)) == (409, "FlowClosed")


async def test_warning_about_abandoned_sign_ins_goes_to_the_address_of_now(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn, change_user: ChangeUser
) -> None:
    flows, address = [await begin_by_password(api, someone) for _ in range(3)], new_person().email
    await change_user(someone.user["_id"], {"email": address})

    for flow in flows:
        for _ in range(5):
            await api.post(DEVICE, json={"flow_id": flow["flow_id"], "code": WRONG_CODE})

    assert someone.person.username in (await mailbox.letter(address, "sign-in-warning"))["text"]


async def test_wallet_unlinked_meanwhile_signs_in_no_more(
    api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn
) -> None:
    wallet = await with_wallet(api, someone)
    flow = await begin_with(api, wallet, PHONE)
    data(await api.delete(f"/wallets/link/unlink/{wallet.address}", headers=on_device(someone)))
    body = await code_for(mailbox, someone, flow)

    unlinked, again = await api.post(DEVICE, json=body), await api.post(DEVICE, json=body)

    assert [refusal(each) for each in (unlinked, again)] == [(401, "InvalidCredentials"), (409, "FlowClosed")]


async def test_wallet_unlinked_while_the_second_factor_is_waited_for_signs_in_no_more(
    api: httpx.AsyncClient, resources: Resources
) -> None:
    someone, authenticator = await with_second_factor(api, resources)
    wallet = await with_wallet(api, someone)
    flow = await begin_with(api, wallet, someone.person.device)
    step_up = {"otp": await authenticator.next_otp()}
    data(await api.post("/auth/step-up", json=step_up, headers=on_device(someone)))
    data(await api.delete(f"/wallets/link/unlink/{wallet.address}", headers=on_device(someone)))

    response = await api.post(SECOND, json={"flow_id": flow["flow_id"], "otp": await authenticator.next_otp()})

    assert refusal(response) == (401, "InvalidCredentials")
