"""An account, and clients of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.resources import Resources
from decode_client import Chat, DecodeClient
from devstack.stack import Stack
from tests.support.accounts import make_account
from tests.support.lossy_proxy import LossyProxy, lossy_proxy
from tests.support.people import SignedIn


@pytest.fixture
async def someone(resources: Resources) -> SignedIn:
    """A new account, signed in on a trusted device."""
    return await make_account(resources)


@pytest.fixture
async def decode(stack: Stack) -> AsyncIterator[DecodeClient]:
    """A client that is not signed in."""
    async with DecodeClient(stack.url("api")) as decode:
        yield decode


@pytest.fixture
async def signed_in(stack: Stack, someone: SignedIn) -> AsyncIterator[DecodeClient]:
    """The account's client."""
    async with DecodeClient(
        stack.url("api"),
        fingerprint=someone.person.fingerprint,
        session_token=someone.session["session_token"],
        access_token=someone.session["access_token"],
    ) as decode:
        yield decode


def client_at(url: str, someone: SignedIn) -> DecodeClient:
    """A client of an account whose way to the API is at this address."""
    return DecodeClient(url, access_token=someone.session["access_token"])


@asynccontextmanager
async def lossy_talk(url: str, someone: SignedIn) -> AsyncIterator[tuple[DecodeClient, LossyProxy, Chat]]:
    """A client beside the network, the network, and a chat over it."""
    async with (
        client_at(url, someone) as beside,
        lossy_proxy(url) as network,
        client_at(network.url, someone) as decode,
        decode.chats.talk() as chat,
    ):
        yield beside, network, chat
