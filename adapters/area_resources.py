"""What code of an area may reach: what belongs to no area, its own stores, and those of the areas below.

Each class adds the stores of one area to those below it, in the order of contract 11, and a function asks for the
smallest one that has what it needs.
"""

from dataclasses import dataclass

import temporalio.client

from adapters.clients import Clients
from adapters.crypto.codes import OneTimeCodes
from adapters.crypto.hashes import KeyedHashes
from adapters.mongo.idempotency import ReceiptStore
from adapters.redis.rate_limits import RateLimits
from adapters.stores.accounts import AccountStores
from adapters.stores.auth import AuthStores
from adapters.stores.delivery import DeliveryStores
from adapters.stores.notifications import NotificationStores
from adapters.stores.social import SocialStores
from adapters.stores.users import UserStores
from domain.rate_limits import RateLimitPolicies


@dataclass(frozen=True)
class SharedResources:
    """What belongs to no area."""

    clients: Clients
    hashes: KeyedHashes
    codes: OneTimeCodes
    receipts: ReceiptStore
    rate_limits: RateLimits
    policies: RateLimitPolicies
    operator_tokens: dict[str, str]
    code_life_seconds: int

    @property
    def temporal(self) -> temporalio.client.Client:
        return self.clients.temporal


@dataclass(frozen=True)
class DeliveryResources(SharedResources):
    delivery: DeliveryStores


@dataclass(frozen=True)
class UserResources(DeliveryResources):
    users: UserStores


@dataclass(frozen=True)
class AuthResources(UserResources):
    auth: AuthStores


@dataclass(frozen=True)
class SocialResources(AuthResources):
    social: SocialStores


@dataclass(frozen=True)
class NotificationResources(SocialResources):
    notifications: NotificationStores


@dataclass(frozen=True)
class AccountResources(NotificationResources):
    accounts: AccountStores
