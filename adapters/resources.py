"""Opens every client and store once, for the API and the workers alike, and closes them in order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import temporalio.client

from adapters.clients import Clients, open_clients
from adapters.crypto.access_tokens import AccessTokens
from adapters.crypto.codes import Codes
from adapters.crypto.hashes import Hashes
from adapters.crypto.keys import KeyRing, Label, UnknownKey
from adapters.crypto.passwords import Passwords
from adapters.crypto.sealing import NotOurs, Sealing
from adapters.crypto.session_tokens import SessionTokens
from adapters.crypto.totp import Totp
from adapters.mail.render import Renderer
from adapters.mail.smtp import Smtp, SmtpServer
from adapters.mongo.accounts.account_deletion import DeletionStore
from adapters.mongo.accounts.account_export import ExportStore
from adapters.mongo.accounts.email_change import EmailChangeStore
from adapters.mongo.accounts.email_revert import EmailRevertStore
from adapters.mongo.accounts.open_changes import OpenChanges
from adapters.mongo.accounts.registration import RegistrationStore
from adapters.mongo.accounts.tombstones import TombstoneStore
from adapters.mongo.accounts.username_change import UsernameChangeStore
from adapters.mongo.auth.devices import DeviceStore
from adapters.mongo.auth.passwords import PasswordStore
from adapters.mongo.auth.sessions import SessionStore
from adapters.mongo.auth.tickets import TicketStore
from adapters.mongo.auth.two_factor import TwoFactorStore
from adapters.mongo.auth.wallets import WalletStore
from adapters.mongo.delivery.mails import MailStore
from adapters.mongo.idempotency import ReceiptStore
from adapters.mongo.notifications.inboxes import InboxStore
from adapters.mongo.notifications.notifications import NotificationStore
from adapters.mongo.users.profiles import ProfileStore
from adapters.mongo.users.roles import RoleStore
from adapters.mongo.users.security_events import SecurityEventStore
from adapters.mongo.users.users import UserStore
from adapters.redis.local_limits import LocalLimits
from adapters.redis.notification_publisher import Pushes
from adapters.redis.presence import Presence
from adapters.redis.rate_limits import RateLimits
from adapters.redis.session_invalidations import SessionHints
from adapters.redis.subscriptions import Subscriptions
from adapters.redis.suggestions import SuggestionRuns
from adapters.stores.graph import Graph, graph_of
from adapters.stores.personal import Personal, personal_of
from adapters.stores.projection import Projection, projection_of
from adapters.stores.snapshots import Snapshots, snapshots_of
from adapters.temporal.codec import EncryptedPayloads
from adapters.web.breached_passwords import Breaches, open_ranges
from config.keys import decode_key, split_ring, split_tokens
from config.rates import Rate
from config.settings import Settings, SmtpTls
from domain.auth.wallets import Site
from domain.rate_limits import Policies, Policy


@dataclass(frozen=True)
class Resources:
    clients: Clients
    hashes: Hashes
    codes: Codes
    passwords: Passwords
    breaches: Breaches
    session_tokens: SessionTokens
    access_tokens: AccessTokens
    totp: Totp
    users: UserStore
    profiles: ProfileStore
    roles: RoleStore
    registrations: RegistrationStore
    sessions: SessionStore
    devices: DeviceStore
    password_hashes: PasswordStore
    two_factors: TwoFactorStore
    open_changes: OpenChanges
    username_changes: UsernameChangeStore
    email_changes: EmailChangeStore
    email_reverts: EmailRevertStore
    tickets: TicketStore
    receipts: ReceiptStore
    wallets: WalletStore
    wallet_site: Site
    mails: MailStore
    security_events: SecurityEventStore
    notifications: NotificationStore
    inboxes: InboxStore
    pushes: Pushes
    deletions: DeletionStore
    tombstones: TombstoneStore
    exports: ExportStore
    personal: Personal
    graph: Graph
    projection: Projection
    snapshots: Snapshots
    presence: Presence
    session_hints: SessionHints
    subscriptions: Subscriptions
    suggestion_runs: SuggestionRuns
    rate_limits: RateLimits
    policies: Policies
    renderer: Renderer
    smtp: Smtp
    payloads: EncryptedPayloads
    codec_tokens: dict[str, str]
    code_life_seconds: int

    def open_payloads(self, payloads: str) -> str | None:
        """Payloads of a history in clear, as protobuf's JSON; None for anything that is not ours."""
        try:
            return self.payloads.decode_json(payloads)
        except (NotOurs, UnknownKey):
            return None

    @property
    def temporal(self) -> temporalio.client.Client:
        return self.clients.temporal


@asynccontextmanager
async def open_resources(settings: Settings, *, service: str) -> AsyncIterator[Resources]:
    """Everything a process needs. No store has to be there yet: each client connects when first used.

    `service` is `api` or `worker`. A worker wants Temporal now (RuntimeError); the API can do without for a while.
    """
    async with AsyncExitStack() as stack:
        ring = KeyRing(split_ring(settings.root_keys), decode_key(settings.lookup_secret.get_secret_value()))
        clients = await open_clients(settings, ring, stack, service=service)
        database, hashes, totp = clients.database, Hashes(ring), Totp(ring)
        sessions, roles = SessionStore(clients.mongo, database), RoleStore(clients.mongo, database)
        open_changes = OpenChanges(database, Sealing(ring, Label.SEALED))
        yield Resources(
            clients=clients,
            hashes=hashes,
            codes=Codes(ring, hashes),
            passwords=_open_passwords(settings, stack),
            breaches=_open_breaches(settings, stack),
            session_tokens=SessionTokens(ring),
            access_tokens=AccessTokens(split_ring(settings.signing_keys)),
            totp=totp,
            users=UserStore(database),
            profiles=ProfileStore(database),
            roles=roles,
            registrations=RegistrationStore(clients.mongo, database, sessions, hashes),
            sessions=sessions,
            devices=DeviceStore(database),
            password_hashes=PasswordStore(clients.mongo, database),
            two_factors=TwoFactorStore(clients.mongo, database, Sealing(ring, Label.OTP_SECRETS), totp),
            open_changes=open_changes,
            username_changes=UsernameChangeStore(clients.mongo, database, open_changes, hashes),
            email_changes=EmailChangeStore(clients.mongo, database, open_changes, hashes),
            email_reverts=EmailRevertStore(clients.mongo, database, hashes),
            tickets=TicketStore(database),
            receipts=ReceiptStore(database, Sealing(ring, Label.RECEIPTS)),
            wallets=WalletStore(clients.mongo, database),
            wallet_site=Site(urlsplit(settings.wallet_uri).netloc, settings.wallet_uri, settings.wallet_chain_ids),
            mails=MailStore(database, Sealing(ring, Label.SEALED)),
            security_events=SecurityEventStore(database),
            notifications=NotificationStore(clients.mongo, database),
            inboxes=InboxStore(database),
            pushes=Pushes(clients.redis),
            deletions=DeletionStore(clients.mongo, database, sessions, roles),
            tombstones=TombstoneStore(clients.mongo, database, Sealing(ring, Label.SEALED)),
            exports=ExportStore(database, Sealing(ring, Label.SEALED)),
            personal=personal_of(clients),
            graph=graph_of(clients.neo4j),
            projection=projection_of(clients),
            snapshots=snapshots_of(database),
            presence=Presence(clients.redis),
            session_hints=SessionHints(clients.redis),
            subscriptions=Subscriptions(clients.redis),
            suggestion_runs=SuggestionRuns(clients.redis),
            rate_limits=RateLimits(clients.redis, LocalLimits()),
            policies=_policies(settings),
            renderer=Renderer(settings.mail_from),
            smtp=_open_smtp(settings, stack),
            payloads=EncryptedPayloads(Sealing(ring, Label.PAYLOADS), clients.temporal.namespace),
            codec_tokens=split_tokens(settings.codec_tokens),
            code_life_seconds=settings.code_life_minutes * 60,
        )


def _open_passwords(settings: Settings, stack: AsyncExitStack) -> Passwords:
    passwords = Passwords(queue=settings.hash_queue)
    stack.callback(passwords.close)
    return passwords


def _open_breaches(settings: Settings, stack: AsyncExitStack) -> Breaches:
    breaches = Breaches(open_ranges(settings.breach_ranges_url))
    stack.push_async_callback(breaches.close)
    return breaches


def _open_smtp(settings: Settings, stack: AsyncExitStack) -> Smtp:
    smtp = Smtp(_smtp_server(settings))
    stack.push_async_callback(smtp.close)
    return smtp


def _policies(settings: Settings) -> Policies:
    return Policies(
        is_on=settings.rate_limits == "on",
        std=_policy("std", settings.limit_std),
        strict=_policy("strict", settings.limit_strict),
        start_target=_policy("start_target", settings.limit_start_target),
        start_address=_policy("start_address", settings.limit_start_address),
        login_target=_policy("login_target", settings.limit_login_target),
        login_address=_policy("login_address", settings.limit_login_address),
        login_device=_policy("login_device", settings.limit_login_device),
        login_account=_policy("login_account", settings.limit_login_account),
        step_up=_policy("step_up", settings.limit_step_up),
        repeats=_policy("repeats", settings.limit_std),
        mails=(_policy("mail_pace", settings.limit_mail_pace), _policy("mail_day", settings.limit_mail_day)),
        open_holds=settings.limit_open_holds,
    )


def _policy(name: str, rate: Rate) -> Policy:
    return Policy(name, rate.count, timedelta(seconds=rate.seconds))


def _smtp_server(settings: Settings) -> SmtpServer:
    return SmtpServer(
        url=settings.smtp_url.get_secret_value(),
        starttls=settings.smtp_tls is SmtpTls.STARTTLS,
        tls=settings.smtp_tls is SmtpTls.TLS,
        ca_file=settings.smtp_ca_file,
        connections=settings.smtp_connections,
    )
