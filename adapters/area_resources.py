"""The resources that code of an area may use: the shared ones, its own stores, and those of the areas below.

Each class adds the stores of one area to those below it, in the order of import contract 11 (pyproject.toml). A
function takes the smallest class that has what it needs.
"""

from dataclasses import dataclass

import temporalio.client

from adapters.clients import Clients
from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.crypto.one_time_codes import OneTimeCodes
from adapters.mongo.exports import ExportStore
from adapters.mongo.idempotency import ReceiptStore
from adapters.redis.rate_limits import RateLimits
from adapters.redis.subscriptions import Subscriptions
from adapters.stores.accounts import AccountStores
from adapters.stores.assistant import AssistantStores
from adapters.stores.auth import AuthStores
from adapters.stores.delivery import DeliveryStores
from adapters.stores.journal import JournalStores
from adapters.stores.notifications import NotificationStores
from adapters.stores.social import SocialStores
from adapters.stores.users import UserStores
from adapters.temporal.intent_waker import IntentWaker
from domain.rate_limits import RateLimitPolicies


@dataclass(frozen=True)
class SharedResources:
    """Resources that belong to no area.

    `policies`: the rate limits as configured. `operator_tokens`: operator → token for the codec server.
    `code_life_seconds`: lifetime of a one-time code.
    """

    clients: Clients
    hashes: KeyedHashes
    codes: OneTimeCodes
    receipts: ReceiptStore
    exports: ExportStore
    rate_limits: RateLimits
    subscriptions: Subscriptions
    intent_waker: IntentWaker
    policies: RateLimitPolicies
    operator_tokens: dict[str, str]
    code_life_seconds: int

    @property
    def temporal(self) -> temporalio.client.Client:
        """The Temporal client."""
        return self.clients.temporal


@dataclass(frozen=True)
class JournalResources(SharedResources):
    """The shared resources and the stores of the journal."""

    journal: JournalStores


@dataclass(frozen=True)
class DeliveryResources(JournalResources):
    """Adds the stores of mail."""

    delivery: DeliveryStores


@dataclass(frozen=True)
class UserResources(DeliveryResources):
    """Adds accounts, profiles, roles, security events and presence."""

    users: UserStores


@dataclass(frozen=True)
class AuthResources(UserResources):
    """Adds passwords, sessions, devices, second factors, tickets and wallets."""

    auth: AuthStores


@dataclass(frozen=True)
class SocialResources(AuthResources):
    """Adds relationships, search, suggestions and follower snapshots."""

    social: SocialStores


@dataclass(frozen=True)
class NotificationResources(SocialResources):
    """Adds notifications, inboxes, and what tells other processes of them."""

    notifications: NotificationStores


@dataclass(frozen=True)
class AssistantResources(NotificationResources):
    """Adds chats with the assistant."""

    assistant: AssistantStores


@dataclass(frozen=True)
class AccountResources(AssistantResources):
    """Adds registration, changes of identifiers, export, deletion and erasure."""

    accounts: AccountStores
