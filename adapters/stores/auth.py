"""Stores of auth: passwords, sessions and their tokens, devices, second factors, tickets, wallets, API keys."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from adapters.crypto.access_tokens import AccessTokens
from adapters.crypto.api_keys import ApiKeySecrets
from adapters.crypto.keys import KeyLabel
from adapters.crypto.password_hashing import PasswordHashing
from adapters.crypto.session_tokens import SessionTokens
from adapters.crypto.totp import Totp
from adapters.mongo.auth.api_key_uses import ApiKeyUseStore
from adapters.mongo.auth.api_keys import ApiKeyStore
from adapters.mongo.auth.credentials import CredentialStore
from adapters.mongo.auth.devices import DeviceStore
from adapters.mongo.auth.key_reminders import KeyReminderStore
from adapters.mongo.auth.password_hashes import PasswordStore
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.auth.sign_in import SignInStore
from adapters.mongo.auth.tickets import TicketStore
from adapters.mongo.auth.two_factor import TwoFactorStore
from adapters.mongo.auth.wallets import WalletStore
from adapters.redis.session_invalidations import SessionInvalidations
from adapters.stores.journal import JournalStores
from adapters.stores.opening import Opening
from adapters.stores.users import UserStores
from adapters.web.breached_passwords import BreachedPasswords, open_range_client
from config.keys import split_ring
from config.settings import Settings
from domain.auth.wallets import Site


@dataclass(frozen=True)
class AuthStores:
    """Stores and services of auth. `password_hasher` computes hashes, `password_hashes` stores them.

    `wallet_site`: the site that challenges to wallets name.
    """

    password_hasher: PasswordHashing
    breached_passwords: BreachedPasswords
    password_hashes: PasswordStore
    credentials: CredentialStore
    access_tokens: AccessTokens
    session_tokens: SessionTokens
    sessions: SessionStore
    sign_ins: SignInStore
    session_invalidations: SessionInvalidations
    devices: DeviceStore
    totp: Totp
    two_factors: TwoFactorStore
    tickets: TicketStore
    wallets: WalletStore
    wallet_site: Site
    api_key_secrets: ApiKeySecrets
    api_keys: ApiKeyStore
    api_key_uses: ApiKeyUseStore
    key_reminders: KeyReminderStore


def open_auth(opening: Opening, journal: JournalStores, users: UserStores) -> AuthStores:
    """Return the stores of auth; the opening's stack closes the hashing pool and the client for breach ranges.

    They share the security events of `users`.
    """
    clients, totp, events = opening.clients, Totp(opening.ring), users.security_events
    mongo, database = clients.mongo, clients.database
    sessions = SessionStore(mongo, database, events, journal.occurrences)
    return AuthStores(
        password_hasher=_open_passwords(opening),
        breached_passwords=_open_breaches(opening),
        password_hashes=PasswordStore(mongo, database, events, sessions),
        credentials=CredentialStore(database),
        access_tokens=AccessTokens(split_ring(opening.settings.signing_keys)),
        session_tokens=SessionTokens(opening.ring),
        sessions=sessions,
        sign_ins=SignInStore(mongo, database, events),
        session_invalidations=SessionInvalidations(clients.redis),
        devices=DeviceStore(database),
        totp=totp,
        two_factors=TwoFactorStore(mongo, database, events, opening.cipher(KeyLabel.OTP_SECRETS), totp),
        tickets=TicketStore(database),
        wallets=WalletStore(mongo, database, events),
        wallet_site=_wallet_site(opening.settings),
        api_key_secrets=ApiKeySecrets(opening.ring, is_live=opening.settings.is_production),
        api_keys=ApiKeyStore(mongo, database, events),
        api_key_uses=ApiKeyUseStore(database),
        key_reminders=KeyReminderStore(database),
    )


def _open_passwords(opening: Opening) -> PasswordHashing:
    passwords = PasswordHashing(max_waiting=opening.settings.hash_queue)
    opening.stack.callback(passwords.close)
    return passwords


def _open_breaches(opening: Opening) -> BreachedPasswords:
    breaches = BreachedPasswords(open_range_client(opening.settings.breach_ranges_url))
    opening.stack.push_async_callback(breaches.close)
    return breaches


def _wallet_site(settings: Settings) -> Site:
    return Site(urlsplit(settings.wallet_uri).netloc, settings.wallet_uri, settings.wallet_chain_ids)
