"""Opens every client and store once, for the API and the workers alike, and closes them in reverse order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from adapters.area_resources import AccountResources
from adapters.clients import open_clients
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.crypto.keys import KeyLabel, KeyRing
from adapters.crypto.one_time_codes import OneTimeCodes
from adapters.mongo.exports import ExportStore
from adapters.mongo.idempotency import ReceiptStore
from adapters.redis.local_limits import LocalLimits
from adapters.redis.rate_limits import RateLimits
from adapters.redis.subscriptions import Subscriptions
from adapters.stores.accounts import open_accounts
from adapters.stores.assistant import open_assistant
from adapters.stores.auth import open_auth
from adapters.stores.delivery import open_delivery
from adapters.stores.journal import open_journal
from adapters.stores.notifications import open_event_inbox, open_notifications
from adapters.stores.opening import Opening
from adapters.stores.operations import OperationStores, open_operations
from adapters.stores.social import open_social
from adapters.stores.users import open_users
from adapters.temporal.intent_waker import IntentWaker, open_intent_waker
from config.keys import decode_key, split_ring, split_tokens
from config.rates import Rate
from config.settings import Settings
from domain.rate_limits import Policy, RateLimitPolicies

UNKNOWN_KEYS = Policy("unknown_keys", 20, timedelta(minutes=1))
"""API keys that are none of ours, by the network that they come from."""


@dataclass(frozen=True)
class Resources(AccountResources):
    """All stores: those of operations, the topmost area, and of all areas below."""

    operations: OperationStores


@asynccontextmanager
async def open_resources(settings: Settings, *, service: str) -> AsyncIterator[Resources]:
    """Open every resource of a process, and close them on exit. `service`: `api` or `worker`.

    No server needs to be up yet: each client connects on first use. Only a worker connects to Temporal at once and
    raises RuntimeError when that fails.
    """
    async with AsyncExitStack() as stack:
        ring = KeyRing(split_ring(settings.root_keys), decode_key(settings.lookup_secret.get_secret_value()))
        clients = await open_clients(settings, ring, stack, service=service)
        waker = await stack.enter_async_context(open_intent_waker(clients.temporal))
        yield _resources(Opening(settings, clients, ring, KeyedHashes(ring), stack), waker)


def _resources(opening: Opening, waker: IntentWaker) -> Resources:
    settings, clients, hashes = opening.settings, opening.clients, opening.hashes
    event_inbox = open_event_inbox(opening, waker)
    journal = open_journal(opening)
    users = open_users(opening, journal, event_inbox)
    auth = open_auth(opening, journal, users)
    notifications = open_notifications(opening, journal, users, event_inbox)
    return Resources(
        clients=clients,
        hashes=hashes,
        codes=OneTimeCodes(opening.ring, hashes),
        receipts=ReceiptStore(clients.database, opening.cipher(KeyLabel.RECEIPTS)),
        exports=ExportStore(clients.database, opening.cipher(KeyLabel.SEALED)),
        rate_limits=RateLimits(clients.redis, LocalLimits()),
        subscriptions=Subscriptions(clients.redis),
        intent_waker=waker,
        policies=_policies(settings),
        operator_tokens=split_tokens(settings.codec_tokens),
        code_life_seconds=settings.code_life_minutes * 60,
        journal=journal,
        delivery=open_delivery(opening, journal),
        users=users,
        auth=auth,
        social=open_social(opening),
        notifications=notifications,
        assistant=open_assistant(opening, journal, auth, notifications),
        accounts=open_accounts(opening, journal, users, auth),
        operations=open_operations(opening),
    )


def _policies(settings: Settings) -> RateLimitPolicies:
    return RateLimitPolicies(
        is_enabled=settings.rate_limits == "on",
        std=_policy("std", settings.limit_std),
        strict=_policy("strict", settings.limit_strict),
        start_target=_policy("start_target", settings.limit_start_target),
        start_address=_policy("start_address", settings.limit_start_address),
        login_target=_policy("login_target", settings.limit_login_target),
        login_address=_policy("login_address", settings.limit_login_address),
        login_device=_policy("login_device", settings.limit_login_device),
        login_account=_policy("login_account", settings.limit_login_account),
        step_up=_policy("step_up", settings.limit_step_up),
        chat=_policy("chat", settings.limit_chat),
        tools=_policy("tools", settings.limit_tools),
        unknown_keys=UNKNOWN_KEYS,
        repeats=_policy("repeats", settings.limit_std),
        mails=(_policy("mail_pace", settings.limit_mail_pace), _policy("mail_day", settings.limit_mail_day)),
        open_holds=settings.limit_open_holds,
    )


def _policy(name: str, rate: Rate) -> Policy:
    return Policy(name, rate.count, timedelta(seconds=rate.seconds))
