"""The journey by the package that openapi-python-client generates, as `generated_client` on the path.

Register, sign in, refresh, follow, read notifications. Stack and address stand in the environment.
"""

import asyncio
import os

import httpx
from generated_client import AuthenticatedClient, Client
from generated_client.api.auth import auth_login
from generated_client.api.flows import flows_get
from generated_client.api.notifications import notifications_list
from generated_client.api.registration import registration_begin, registration_verify_email
from generated_client.api.relationships import relationships_follow
from generated_client.api.sessions import sessions_refresh
from generated_client.models import (
    FlowAnswer,
    FollowingAnswer,
    InvalidCredentialsProblem,
    LoginRequest,
    NextStep,
    NotificationPageAnswer,
    NotificationType,
    Registered,
    RegisteredAnswer,
    RegisterRequest,
    SessionTokenRequest,
    SessionView,
    SessionViewAnswer,
    TargetRequest,
    VerifyEmailRequest,
)

from tests.support.mailbox import Mailbox
from tests.support.people import Person, new_person
from tests.support.polling import eventually

API = os.environ["OUTSIDE_API"]


def _options() -> dict[str, httpx.AsyncHTTPTransport]:
    return {"transport": httpx.AsyncHTTPTransport(local_address=os.environ["OUTSIDE_ADDRESS"])}


async def register(client: Client, mailbox: Mailbox, person: Person) -> Registered:
    """Return the account of `person`, signed in on their device."""
    begun = await registration_begin.asyncio(client=client, body=RegisterRequest.from_dict(person.application))
    assert isinstance(begun, FlowAnswer), begun
    flow = await flows_get.asyncio(begun.data.flow_id, client=client)
    assert isinstance(flow, FlowAnswer), flow
    assert flow.data.next_ is NextStep.EMAIL_CODE
    code = await mailbox.code(person.email, "create-account")
    proof = {"flow_id": begun.data.flow_id, "code": code, **person.device}
    proved = await registration_verify_email.asyncio(client=client, body=VerifyEmailRequest.from_dict(proof))
    assert isinstance(proved, RegisteredAnswer), proved
    return proved.data


async def sign_in(client: Client, person: Person) -> SessionView:
    """Return a session, after an attempt with a wrong password."""
    wrong = LoginRequest.from_dict({**person.credentials, "password": "another pass phrase"})
    refused = await auth_login.asyncio(client=client, body=wrong)
    assert isinstance(refused, InvalidCredentialsProblem), refused
    assert refused.error.value == "InvalidCredentials"
    signed_in = await auth_login.asyncio(client=client, body=LoginRequest.from_dict(person.credentials))
    assert isinstance(signed_in, SessionViewAnswer), signed_in
    return signed_in.data


async def refresh(client: Client, session: SessionView) -> SessionView:
    body = SessionTokenRequest(session_token=str(session.session_token))
    refreshed = await sessions_refresh.asyncio(client=client, body=body)
    assert isinstance(refreshed, SessionViewAnswer), refreshed
    return refreshed.data


def client_for(session: SessionView) -> AuthenticatedClient:
    return AuthenticatedClient(base_url=API, token=str(session.access_token), httpx_args=_options())


async def follow(session: SessionView, other: Registered) -> None:
    body = TargetRequest(user_id_to=other.user.field_id)
    followed = await relationships_follow.asyncio(client=client_for(session), body=body)
    assert isinstance(followed, FollowingAnswer), followed
    assert followed.data.following


async def read_notification(session: SessionView) -> None:
    """Wait for the notification about a follower."""
    client = client_for(session)

    async def told() -> bool:
        page = await notifications_list.asyncio(client=client, unread=True)
        assert isinstance(page, NotificationPageAnswer), page
        return NotificationType.NEW_FOLLOW in [each.type_ for each in page.data.notifications]

    await eventually(told, within=30)


async def main() -> None:
    client = Client(base_url=API, httpx_args=_options())
    alice, bob = new_person(), new_person()
    async with httpx.AsyncClient(base_url=os.environ["OUTSIDE_MAILBOX"]) as mails:
        mailbox = Mailbox(mails)
        await register(client, mailbox, alice)
        followed = await register(client, mailbox, bob)
    await follow(await refresh(client, await sign_in(client, alice)), followed)
    assert isinstance(followed.session, SessionView), followed
    await read_notification(followed.session)


if __name__ == "__main__":
    asyncio.run(main())
