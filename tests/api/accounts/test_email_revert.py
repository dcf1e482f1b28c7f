"""Revert of an email change: with the code in the old mailbox, for seven days, without a session."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from adapters.resources import Resources
from tests.api.conftest import ChangeUser
from tests.support.accounts import make_account
from tests.support.email_change import EmailChanger
from tests.support.envelope import Json, data, details, refusal
from tests.support.flows import state_of
from tests.support.mailbox import Mailbox
from tests.support.people import SignedIn, new_person
from tests.support.polling import eventually
from tests.support.signed_in import on_device, signed_in_again

WRONG = "WRQNG2"
CLOSED = (409, "FlowClosed")


@pytest.fixture
def mover(api: httpx.AsyncClient, mailbox: Mailbox, someone: SignedIn) -> EmailChanger:
    return EmailChanger(api, mailbox, someone)


@pytest.fixture
async def way_back(mover: EmailChanger) -> Json:
    """Flow id and code of a revert, from an account whose address has just been changed."""
    await mover.changes_email(new_person().email)
    return await mover.read_revert_mail(mover.someone.person.email)


async def test_revert_flow_is_shown_as_an_email_change(api: httpx.AsyncClient, way_back: Json) -> None:
    flow = data(await api.get(f"/flows/{way_back['flow_id']}"))

    assert (flow["kind"], flow["state"], flow["next"]) == ("email_change", "waiting", "email_code")
    remaining = datetime.fromisoformat(flow["expires_at"]) - datetime.now(UTC)
    assert abs(remaining - timedelta(days=7)) < timedelta(minutes=2)
    assert flow["resend_available_at"] is None


async def test_revert_restores_the_address_and_ends_every_session(mover: EmailChanger, way_back: Json) -> None:
    data(await mover.reverts(way_back))

    ended = await mover.api.get("/users/profile/me", headers=on_device(mover.someone))
    assert refusal(ended) == (401, "SessionRevoked")
    again = await signed_in_again(mover.api, mover.someone)
    me = data(await mover.api.get("/auth/user/current", headers=on_device(again)))
    assert me["email"] == mover.someone.person.email


async def test_revert_notifies_the_owner_and_records_an_event(mover: EmailChanger, way_back: Json) -> None:
    data(await mover.reverts(way_back))

    notice = await mover.mailbox.letter(mover.someone.person.email, "email-changed", number=2)
    assert way_back["flow_id"] not in notice["text"]
    again = await signed_in_again(mover.api, mover.someone)
    events = data(await mover.api.get("/auth/security-events", headers=on_device(again)))["events"]
    assert ("email_reverted", "high") in {(event["kind"], event["severity"]) for event in events}


async def test_address_cannot_be_changed_for_seven_days(
    mover: EmailChanger, way_back: Json, change_user: ChangeUser
) -> None:
    data(await mover.reverts(way_back))
    again = await signed_in_again(mover.api, mover.someone)

    barred = await EmailChanger(mover.api, mover.mailbox, again).initiates()
    await change_user(again.user["_id"], {"email_reverted.at": datetime.now(UTC) - timedelta(days=7, seconds=1)})

    assert refusal(barred) == (409, "EmailChangeBarred")
    data(await EmailChanger(mover.api, mover.mailbox, again).initiates(), 202)


async def test_revert_cancels_later_changes_and_their_reverts(mover: EmailChanger, way_back: Json) -> None:
    second = mover.address
    await mover.changes_email(new_person().email)
    later = await mover.read_revert_mail(second)
    open_change = await mover.starts()

    data(await mover.reverts(way_back))

    async def both_are_cancelled() -> bool:
        states = [await state_of(mover.api, flow_id) for flow_id in (later["flow_id"], open_change)]
        return states == ["cancelled", "cancelled"]

    await eventually(both_are_cancelled)
    assert refusal(await mover.reverts(later)) == CLOSED
    again = await signed_in_again(mover.api, mover.someone)
    me = data(await mover.api.get("/auth/user/current", headers=on_device(again)))
    assert me["email"] == mover.someone.person.email


async def test_revert_of_the_last_change_leaves_the_revert_of_the_one_before(
    mover: EmailChanger, way_back: Json
) -> None:
    second = mover.address
    await mover.changes_email(new_person().email)
    data(await mover.reverts(await mover.read_revert_mail(second)))

    data(await mover.reverts(way_back))

    again = await signed_in_again(mover.api, mover.someone)
    me = data(await mover.api.get("/auth/user/current", headers=on_device(again)))
    assert me["email"] == mover.someone.person.email


async def test_revert_flow_cannot_be_cancelled(mover: EmailChanger, way_back: Json) -> None:
    cancel = f"/flows/{way_back['flow_id']}/cancel"

    assert refusal(await mover.api.post(cancel)) == (409, "WrongStep")
    assert refusal(await mover.api.post(cancel, headers=on_device(mover.someone))) == (409, "WrongStep")
    data(await mover.reverts(way_back))


async def test_next_change_leaves_the_revert_flow_open(mover: EmailChanger, way_back: Json) -> None:
    await mover.starts()

    assert await state_of(mover.api, way_back["flow_id"]) == "waiting"


async def test_change_flow_is_no_revert_flow(mover: EmailChanger) -> None:
    flow_id = await mover.starts()

    assert refusal(await mover.reverts({"flow_id": flow_id, "code": WRONG})) == (404, "FlowNotFound")


async def test_revert_flow_is_no_change_flow(mover: EmailChanger, way_back: Json) -> None:
    mover.flow_id = way_back["flow_id"]

    assert refusal(await mover.types("verify-email", way_back["code"])) == (404, "FlowNotFound")


async def test_wrong_code_is_counted(mover: EmailChanger, way_back: Json) -> None:
    answer = await mover.reverts({**way_back, "code": WRONG})

    assert (refusal(answer), details(answer)) == ((400, "WrongCode"), {"attempts_left": 4})


async def test_repeated_revert_gets_the_same_answer(mover: EmailChanger, way_back: Json) -> None:
    key = {"Idempotency-Key": f"take-it-back.{mover.someone.person.username}"}

    answers = [await mover.reverts(way_back, **key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert refusal(await mover.reverts(way_back)) == CLOSED


async def test_deactivated_account_gets_its_address_back(
    mover: EmailChanger, resources: Resources, way_back: Json, change_user: ChangeUser
) -> None:
    await change_user(mover.someone.user["_id"], {"is_active": False})

    data(await mover.reverts(way_back))

    user = await resources.users.users.find(mover.someone.user["_id"])
    assert user
    assert user.email_address == mover.someone.person.email


async def test_revert_closes_a_password_reset_of_the_new_address(
    api: httpx.AsyncClient, mover: EmailChanger, way_back: Json
) -> None:
    """Started and verified with the new mailbox, before the address was reverted."""
    forgot = "/auth/password/forgot"
    ask = {"email_or_username": mover.address}
    flow_id = data(await api.post(f"{forgot}/initiate", json=ask), 202)["flow_id"]
    proof = {"flow_id": flow_id, "code": await mover.mailbox.code(mover.address, "forgot-password-verify")}
    data(await api.post(f"{forgot}/verify-email", json=proof))

    data(await mover.reverts(way_back))
    changed = await api.post(f"{forgot}/change", json={**proof, "new_password": "another long enough phrase"})

    assert refusal(changed) == CLOSED
    data(await api.post("/auth/login", json=mover.someone.person.credentials))


async def test_another_account_cannot_take_the_address_meanwhile(
    mover: EmailChanger, resources: Resources, way_back: Json
) -> None:
    rival = EmailChanger(mover.api, mover.mailbox, await make_account(resources))
    await rival.starts_and_proves()
    data(await rival.enters_new_email(mover.someone.person.email), 202)

    data(await mover.reverts(way_back))

    assert refusal(await rival.types("new-email-verify", WRONG)) == (400, "WrongCode")
