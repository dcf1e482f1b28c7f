"""Holds of registrations, and the one transaction that turns a hold into an account."""

from collections.abc import Sequence
from datetime import datetime

from bson import ObjectId
from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import DuplicateKeyError

from adapters.crypto.keyed_hashes import KeyedHashes
from adapters.mongo.accounts.reservations import Reservations
from adapters.mongo.auth.sign_in import SignInStore
from adapters.mongo.client import Client, Database, Document
from adapters.mongo.journal.occurrences import OccurrenceStore
from adapters.mongo.transactions import in_transaction
from domain.accounts.registration import AccountCreationOutcome
from domain.auth.sessions import NewSession
from domain.email_address import email_key
from domain.event_specs import event_occurrences
from domain.username import username_key
from domain.users.security_events import SecurityEvent
from domain.users.users import NewUser, Role

HOLD_REASON = "registration"


class RegistrationStore:
    """Creates accounts. `hold_key`: hash of a username or of a slot; `workflow_id`: holder of the hold."""

    def __init__(
        self,
        client: Client,
        database: Database,
        sign_ins: SignInStore,
        occurrences: OccurrenceStore,
        hashes: KeyedHashes,
    ) -> None:
        self._client = client
        self._sign_ins = sign_ins
        self._occurrences = occurrences
        self._users = database["users"]
        self._holds = Reservations(database)
        self._hashes = hashes

    async def reserve(self, hold_key: str, *, workflow_id: str, until: datetime, now: datetime) -> bool:
        """Hold the key for `workflow_id`; False when another holder has it. Idempotent."""
        try:
            await self._holds.reserve(hold_key, holder=workflow_id, until=until, now=now, reason=HOLD_REASON)
        except DuplicateKeyError:
            return False
        return True

    async def reserve_username(
        self, hold_key: str, *, applicant: str, workflow_id: str, until: datetime, now: datetime
    ) -> bool:
        """Hold a username for `workflow_id`; False when another holder has it. Idempotent.

        Registrations of one `applicant`, the hash of an address, hold it together: the one that proves the address
        first has the name.
        """
        try:
            await self._holds.reserve_together(
                hold_key, holder=workflow_id, party=applicant, until=until, now=now, reason=HOLD_REASON
            )
        except DuplicateKeyError:
            return False
        return True

    async def release_username(self, hold_key: str, *, workflow_id: str) -> None:
        """Withdraw `workflow_id` from the hold on a username, which ends with its last holder."""
        await self._holds.leave(hold_key, holder=workflow_id)

    async def release_all(self, hold_keys: Sequence[str], *, workflow_id: str) -> None:
        """Release those of the holds that `workflow_id` has."""
        await self._holds.release_all(hold_keys, holder=workflow_id)

    async def is_held(self, hold_key: str, now: datetime) -> bool:
        """Whether the key is held at this time, by any holder."""
        return await self._holds.find_holder(hold_key, now) is not None

    async def is_any_free(self, hold_keys: Sequence[str], *, workflow_id: str, now: datetime) -> bool:
        """Whether one of the keys is free at this time, or held by `workflow_id`."""
        return await self._holds.count_held(hold_keys, now, except_holder=workflow_id) < len(hold_keys)

    async def create_user(
        self,
        new: NewUser,
        registered: SecurityEvent,
        *,
        hold_key: str,
        workflow_id: str,
        first_session: NewSession | None,
    ) -> AccountCreationOutcome:
        """Create the account, release the hold, open the sync intent and the first session, in one transaction.

        The event is recorded with a first session only, its occurrences in any case.

        Idempotent: keyed by `new.user_id` and the session's id. USERNAME_TAKEN or EMAIL_TAKEN when another account or
        another holder has the name or the address.
        """
        document = _new_document(new, last_login=new.created_at if first_session else None)

        async def work(tx: AsyncClientSession) -> AccountCreationOutcome:
            now = new.created_at
            if await self._holds.find_holder(self._hashes.email_hold_key(document["email_key"]), now, tx):
                return await self._lost_race(document, AccountCreationOutcome.EMAIL_TAKEN)
            if not await self._holds.end(hold_key, holder=workflow_id, tx=tx):
                await self._holds.reserve(hold_key, holder=workflow_id, until=now, now=now, reason=HOLD_REASON, tx=tx)
                await self._holds.release(hold_key, holder=workflow_id, tx=tx)
            await self._users.insert_one(document, session=tx)
            if first_session:
                await self._sign_ins.open_first_within(tx, first_session)
            else:
                await self._occurrences.record_many_new(event_occurrences(registered), tx)
            return AccountCreationOutcome.CREATED

        try:
            return await in_transaction(self._client, work)
        except DuplicateKeyError:
            return await self._lost_race(document, AccountCreationOutcome.USERNAME_TAKEN)

    async def _lost_race(self, document: Document, otherwise: AccountCreationOutcome) -> AccountCreationOutcome:
        """Return CREATED when this account exists from an earlier attempt, else why it cannot be created.

        A taken address counts before a taken username, unless both are of one account: then the same registration,
        requested twice, was verified in its other flow.
        """
        if await self._users.find_one({"_id": document["_id"]}, {"_id": 1}):
            return AccountCreationOutcome.CREATED
        account = await self._users.find_one({"email_key": document["email_key"]}, {"username_key": 1})
        if account is None:
            return otherwise
        is_same = account["username_key"] == document["username_key"]
        return AccountCreationOutcome.USERNAME_TAKEN if is_same else AccountCreationOutcome.EMAIL_TAKEN


def _new_document(new: NewUser, *, last_login: datetime | None) -> Document:
    return {
        "_id": ObjectId(new.user_id),
        "username": new.username,
        "username_key": username_key(new.username),
        "email": new.email_address,
        "email_key": email_key(new.email_address),
        "password_hashed": new.password_hashed,
        "display_name": new.username,
        "bio": "",
        "avatar_ipfs_hash": None,
        "role": Role.USER,
        "is_active": True,
        "last_login": last_login,
        "last_username_change": None,
        "last_email_change": None,
        "session_epoch": 0,
        "profile_version": 1,
        "synced_version": 0,
        "sync_open_since": new.created_at,
        "wallet_count": 0,
        "createdAt": new.created_at,
        "updatedAt": new.created_at,
    }
