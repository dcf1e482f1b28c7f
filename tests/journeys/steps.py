"""What all journeys share: their steps, the apps on their devices, and the refusals that they expect."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpx

from adapters.resources import Resources
from api.operations.admin import make_admin
from decode_client import DecodeClient, DecodeError
from decode_client.generated.answers import Flow, SessionView
from tests.support.mailbox import Mailbox
from tests.support.people import Person, new_person


@dataclass(frozen=True)
class Step:
    """One line of the journey's table. `flow_id` where the step has a flow to look at."""

    name: str
    flow_id: str | None = None


@dataclass(frozen=True)
class Member:
    """A registered user, signed in by an app on the device of the registration."""

    person: Person
    app: DecodeClient
    user_id: str
    flow_id: str
    session: SessionView


class Apps:
    """Opens apps, each with a client of ours. They are closed together."""

    def __init__(
        self,
        url: str,
        resources: Resources,
        opened: AsyncExitStack,
        transport: Callable[[], httpx.AsyncBaseTransport],
    ) -> None:
        self.url = url
        self._resources = resources
        self._opened = opened
        self._transport = transport

    async def on(self, fingerprint: str, *, request_id: str | None = None) -> DecodeClient:
        """An app on a device, with no user signed in. `request_id`: of all its requests."""
        transport = Named(self._transport(), request_id) if request_id else self._transport()
        app = DecodeClient(self.url, fingerprint=fingerprint, transport=transport)
        return await self._opened.enter_async_context(app)

    async def with_key(self, api_key: str) -> DecodeClient:
        """A program that has an API key and nothing else."""
        program = DecodeClient(self.url, api_key=api_key, transport=self._transport())
        return await self._opened.enter_async_context(program)

    async def register(self, mailbox: Mailbox) -> Member:
        """Register a new user, from the first request to the session."""
        person = new_person()
        app = await self.on(person.fingerprint)
        flow = await app.registration.begin(**person.application)
        code = await mailbox.code(person.email, "create-account")
        registered = await app.registration.verify_email(flow_id=flow.flow_id, code=code, **person.device)
        assert not isinstance(registered, Flow), registered
        assert registered.session, registered
        return Member(person, app, registered.user.id, flow.flow_id, registered.session)

    async def register_admin(self, mailbox: Mailbox) -> Member:
        """Register a user whom an operator makes an admin, as `make admin` does."""
        member = await self.register(mailbox)
        await make_admin(self._resources, member.person.username)
        return member


class Named(httpx.AsyncBaseTransport):
    """Sends requests under an id of the app's own."""

    def __init__(self, transport: httpx.AsyncBaseTransport, request_id: str) -> None:
        self._transport = transport
        self._request_id = request_id

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["X-Request-ID"] = self._request_id
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        await self._transport.aclose()


@asynccontextmanager
async def apps_at(
    url: str, resources: Resources, transport: Callable[[], httpx.AsyncBaseTransport] = httpx.AsyncHTTPTransport
) -> AsyncIterator[Apps]:
    """Apps of the API at this address. `resources`: what its operator has."""
    async with AsyncExitStack() as opened:
        yield Apps(url, resources, opened, transport)


@contextmanager
def refused(error: str) -> Iterator[None]:
    """Fails unless the call in the block is refused with this error."""
    found = "nothing"
    try:
        yield
    except DecodeError as refusal:
        found = refusal.error
    assert found == error


def waiting(answer: object, next_step: str) -> Flow:
    """The flow that a call has answered with. Fails unless it waits for this step."""
    assert isinstance(answer, Flow), answer
    assert answer.next == next_step, answer
    return answer
