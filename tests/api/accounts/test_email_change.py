"""Change of the email address: the proofs it needs, the mails it sends, and the sessions that it keeps."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from domain.codes import CodePurpose
from tests.support.accounts import make_account
from tests.support.email_change import CHANGE, EmailChanger
from tests.support.envelope import data, details, fields, refusal
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, begin, new_person, prove
from tests.support.signed_in import forget_step_up, on_device

ME = "/users/profile/me"
WRONG = "WRQNG2"
WRONG_CODE = (400, "WrongCode")


def new_address() -> str:
    return new_person().email


@pytest.fixture
def mover(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> EmailChanger:
    return EmailChanger(api, mailbox, someone)


async def email_of(api: httpx.AsyncClient, someone: SignedIn) -> str:
    return str(data(await api.get(ME, headers=on_device(someone)))["email"])


async def test_each_step_names_the_next_step(mover: EmailChanger) -> None:
    begun = data(await mover.initiates(), 202)
    mover.flow_id = begun["flow_id"]
    proved = data(await mover.types("verify-email", await mover.next_code(mover.address, "email-change-verify")))
    named = data(await mover.enters_new_email(new_address()), 202)

    assert {begun["kind"], proved["kind"], named["kind"]} == {"email_change"}
    assert [flow["next"] for flow in (begun, proved, named)] == ["email_code", "new_email", "new_email_code"]
    assert [bool(flow["resend_available_at"]) for flow in (begun, proved, named)] == [False, False, True]


async def test_new_address_is_stored_and_can_sign_in(api: httpx.AsyncClient, mover: EmailChanger) -> None:
    address = new_address()

    profile = await mover.changes_email(address)

    assert (profile["_id"], profile["email"]) == (mover.someone.user["_id"], address)
    credentials = mover.someone.person.credentials
    data(await api.post("/auth/login", json={**credentials, "email_or_username": address}))
    old = await api.post("/auth/login", json={**credentials, "email_or_username": mover.someone.person.email})
    assert refusal(old) == (401, "InvalidCredentials")


async def test_change_keeps_only_its_own_session(api: httpx.AsyncClient, mover: EmailChanger) -> None:
    other = data(await api.post("/auth/login", json=mover.someone.person.credentials))

    await mover.changes_email(new_address())

    assert (await api.get(ME, headers=on_device(mover.someone))).status_code == 200
    assert refusal(await api.get(ME, headers=on_device(mover.someone, other))) == (401, "SessionRevoked")
    refreshed = await api.post("/auth/session/refresh", json={"session_token": mover.someone.session["session_token"]})
    assert refreshed.status_code == 200


async def test_old_address_gets_a_revert_mail(mover: EmailChanger) -> None:
    await mover.changes_email(new_address())

    way_back = await mover.read_revert_mail(mover.someone.person.email)

    assert way_back["flow_id"][0] == "v"


async def test_change_is_a_security_event(api: httpx.AsyncClient, mover: EmailChanger) -> None:
    await mover.changes_email(new_address())

    newest = data(await api.get("/auth/security-events", headers=on_device(mover.someone)))["events"][0]
    assert (newest["kind"], newest["severity"]) == ("email_changed", "high")


async def test_taken_address_gets_the_same_answers_and_its_owner_is_notified(
    mailbox: Mailbox, resources: Resources, mover: EmailChanger
) -> None:
    other = await make_account(resources)
    await mover.starts_and_proves()

    named = data(await mover.enters_new_email(other.person.email.upper()), 202)
    guess = await mover.types("new-email-verify", WRONG)

    assert (named["state"], named["next"], named["attempts_left"]) == ("waiting", "new_email_code", 5)
    assert (refusal(guess), details(guess)) == (WRONG_CODE, {"attempts_left": 4})
    await mailbox.letter(other.person.email, "address-taken")
    assert await mailbox.letters(other.person.email, "new-email-change-verify") == []


async def test_owner_of_a_taken_address_is_notified_once_a_day(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, mover: EmailChanger
) -> None:
    other, second = await make_account(resources), EmailChanger(api, mailbox, await make_account(resources))
    for each in (mover, second):
        await each.starts_and_proves()
        data(await each.enters_new_email(other.person.email), 202)

    await mailbox.letter(other.person.email, "address-taken")

    records = resources.clients.database["mails"]
    mine = {"recipient_hash": resources.hashes.subject_hash(other.person.email), "kind": "address-taken"}
    assert await records.count_documents(mine) == 1


async def test_current_address_is_refused(mover: EmailChanger) -> None:
    await mover.starts_and_proves()

    assert fields(await mover.enters_new_email(mover.address.upper())) == {"body.new_email"}


@pytest.mark.defect(56)
async def test_address_verified_by_two_accounts_goes_to_one(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, mover: EmailChanger
) -> None:
    address, rival = new_address(), EmailChanger(api, mailbox, await make_account(resources))
    for each in (mover, rival):
        await each.starts_and_proves()
        data(await each.enters_new_email(address), 202)
    codes = [await code_for(resources, each) for each in (mover, rival)]

    answers = await asyncio.gather(
        *(each.types("new-email-verify", code) for each, code in zip((mover, rival), codes, strict=True))
    )

    assert sorted(answer.status_code for answer in answers) == [200, 400]
    winner, loser = sorted(zip(answers, (mover, rival), strict=True), key=lambda pair: pair[0].status_code)
    assert refusal(loser[0]) == WRONG_CODE
    assert await email_of(api, winner[1].someone) == address
    assert await email_of(api, loser[1].someone) == loser[1].address


async def code_for(resources: Resources, mover: EmailChanger) -> str:
    """Return the code as in the mail, derived again: two mails to one address do not say which account they are of."""
    return resources.codes.code(
        flow_id=mover.flow_id,
        purpose=CodePurpose.NEW_EMAIL_CHANGE_VERIFY,
        issue_no=1,
        key_id=resources.codes.current_key_id,
    )


async def test_old_address_is_held_for_its_account(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, mover: EmailChanger
) -> None:
    old = mover.address
    await mover.changes_email(new_address())
    other = EmailChanger(api, mailbox, await make_account(resources))
    await other.starts_and_proves()

    data(await other.enters_new_email(old), 202)
    newcomer = new_person(email=old)
    registration = await begin(api, newcomer)

    await mailbox.letter(old, "account-exists")
    assert refusal(await prove(api, newcomer, registration["flow_id"], WRONG)) == WRONG_CODE
    assert refusal(await other.types("new-email-verify", await code_for(resources, other))) == WRONG_CODE


async def test_open_registration_does_not_get_an_address_held_since(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources
) -> None:
    newcomer = new_person()
    flow = await begin(api, newcomer)
    code = await mailbox.code(newcomer.email, "create-account")
    await hold(resources, newcomer.email, owner="account/another")

    assert refusal(await prove(api, newcomer, flow["flow_id"], code)) == WRONG_CODE


async def hold(resources: Resources, address: str, *, owner: str) -> None:
    document = {"key": resources.hashes.email_hold_key(address), "owner": owner, "reason": "test"}
    until = datetime.now(UTC) + timedelta(days=7)
    await resources.clients.database["holds"].insert_one(document | {"until": until})


async def test_owner_may_change_back_to_the_old_address(api: httpx.AsyncClient, mover: EmailChanger) -> None:
    old = mover.address
    await mover.changes_email(new_address())

    assert (await mover.changes_email(old))["email"] == old


async def test_second_change_supersedes_the_first(api: httpx.AsyncClient, mover: EmailChanger) -> None:
    first = await mover.starts()
    code = await mover.next_code(mover.address, "email-change-verify")

    second = await mover.starts()

    mover.flow_id = first
    assert refusal(await mover.types("verify-email", code)) == (409, "FlowClosed")
    assert data(await api.get(f"/flows/{first}"))["state"] == "cancelled"
    mover.flow_id = second
    data(await mover.types("verify-email", await mover.next_code(mover.address, "email-change-verify")))


@pytest.mark.defect(57)
async def test_code_of_the_old_address_is_accepted_once(mover: EmailChanger) -> None:
    await mover.starts()
    code = await mover.next_code(mover.address, "email-change-verify")
    data(await mover.types("verify-email", code))

    again = await mover.types("verify-email", code)
    data(await mover.enters_new_email(new_address()), 202)
    for_the_new_one = await mover.types("new-email-verify", code)

    assert refusal(again) == (409, "WrongStep")
    assert refusal(for_the_new_one) == (400, "WrongCode")


async def test_steps_out_of_order_are_refused(mover: EmailChanger) -> None:
    await mover.starts()

    early = [await mover.enters_new_email(new_address()), await mover.types("new-email-verify", WRONG)]

    assert [refusal(answer) for answer in early] == [(409, "WrongStep")] * 2


async def test_another_address_within_a_minute_is_refused(mover: EmailChanger) -> None:
    await mover.starts_and_proves()
    data(await mover.enters_new_email(new_address()), 202)

    too_soon = await mover.enters_new_email(new_address())

    assert refusal(too_soon) == (429, "ResendTooSoon")
    assert 50 <= int(too_soon.headers["Retry-After"]) <= 60


@pytest.mark.parametrize("route", ["verify-email", "new-email-verify"])
async def test_wrong_codes_lock_the_flow(mover: EmailChanger, route: str) -> None:
    await (mover.starts() if route == "verify-email" else mover.starts_and_proves())
    if route == "new-email-verify":
        data(await mover.enters_new_email(new_address()), 202)

    answers = [await mover.types(route, WRONG) for _ in range(6)]

    assert [refusal(answer)[1] for answer in answers] == ["WrongCode"] * 5 + ["AttemptsExhausted"]


async def test_flow_of_another_account_is_not_found(
    api: httpx.AsyncClient, mailbox: Mailbox, resources: Resources, mover: EmailChanger
) -> None:
    await mover.starts_and_proves()
    other = EmailChanger(api, mailbox, await make_account(resources))
    other.flow_id = mover.flow_id
    cancel = f"/flows/{mover.flow_id}/cancel"

    foreign = [
        await other.types("verify-email", WRONG),
        await other.enters_new_email(new_address()),
        await other.types("new-email-verify", WRONG),
        await api.post(cancel, headers=on_device(other.someone)),
    ]

    assert [refusal(answer) for answer in foreign] == [(404, "FlowNotFound")] * 4
    assert refusal(await api.post(cancel)) == (401, "NotAuthenticated")
    assert data(await api.post(cancel, headers=on_device(mover.someone)))["state"] == "cancelled"


async def test_start_needs_step_up(api: httpx.AsyncClient, resources: Resources, mover: EmailChanger) -> None:
    await forget_step_up(resources, mover.someone.session["_id"])
    proof = {"current_password": mover.someone.person.password}

    assert refusal(await mover.initiates()) == (403, "StepUpRequired")
    data(await api.post(f"{CHANGE}/initiate", json=proof, headers=on_device(mover.someone)), 202)


async def test_repeated_requests_get_the_same_answers(mover: EmailChanger) -> None:
    key = {"Idempotency-Key": "move-me-once"}
    begun = [data(await mover.initiates(**key), 202) for _ in range(2)]
    mover.flow_id = begun[0]["flow_id"]
    data(await mover.types("verify-email", await mover.next_code(mover.address, "email-change-verify")))
    address = new_address()
    named = [data(await mover.enters_new_email(address, **key), 202) for _ in range(2)]
    code = await mover.next_code(address, "new-email-change-verify")
    changed = [data(await mover.types("new-email-verify", code, **key)) for _ in range(2)]

    assert begun[0] == begun[1]
    assert named[0] == named[1]
    assert changed[0] == changed[1]


async def test_open_change_is_pending_until_it_is_over(api: httpx.AsyncClient, mover: EmailChanger) -> None:
    await mover.starts_and_proves()
    pending = data(await api.get(ME, headers=on_device(mover.someone)))["pending_flows"]

    data(await api.post(f"/flows/{mover.flow_id}/cancel", headers=on_device(mover.someone)))

    assert [(flow["flow_id"], flow["next"]) for flow in pending] == [(mover.flow_id, "new_email")]
    assert data(await api.get(ME, headers=on_device(mover.someone)))["pending_flows"] == []
