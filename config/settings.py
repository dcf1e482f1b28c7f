"""Every setting of the API and the workers, typed, validated once at start.

`.env.example` lists them with their defaults. Temporal's own `TEMPORAL_*` variables are read by
`temporalio.envconfig`. Missing or invalid values end the process with one sentence each, all at once.
"""

import ipaddress
import os
from collections.abc import Iterator
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from config.keys import decode_key, split_public_keys, split_ring, split_tokens
from config.models import MOCK_ALONE, ModelsFile, ModelsFileSetting
from config.origins import ANY_ORIGIN, Origin
from config.rates import Rate, RateSetting

LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]
ChainId = Annotated[int, Field(ge=1, lt=2**53)]
"""EIP-155 chain id; at most 2^53 - 1, the largest integer that is exact in every JSON parser."""
Address = Annotated[str, Field(pattern=r"^[^@\s,]+@[^@\s,]+$", max_length=254)]
"""A mail address: what the mail server refuses is seen there."""
DEVELOPER = "dev"
"""The operator of the stack on a developer's machine."""
NO_DOMAIN = ".example"
"""Exists nowhere (RFC 2606), as the sender by default: no mail from there is taken for genuine."""


class Environment(StrEnum):
    """Kind of deployment. Production rejects weak settings, such as missing TLS or development keys."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SmtpTls(StrEnum):
    """TLS of the SMTP connection: upgraded (STARTTLS), from the start, or none."""

    STARTTLS = "starttls"
    TLS = "tls"
    OFF = "off"


class SettingsError(Exception):
    """The settings are invalid: one sentence per line says what to set."""


class Settings(BaseSettings):
    """Read from the environment. A secret may be in a file instead, `decode_root_keys` for DECODE_ROOT_KEYS
    and so on, in the folder named by DECODE_SECRETS_DIR.
    """

    model_config = SettingsConfigDict(
        env_prefix="DECODE_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    environment: Environment = Environment.PRODUCTION

    mongodb_url: SecretStr
    mongodb_database: str = "decode"
    neo4j_url: str
    neo4j_user: str = "neo4j"
    neo4j_password: SecretStr
    redis_url: SecretStr
    smtp_url: SecretStr
    smtp_tls: SmtpTls = SmtpTls.STARTTLS
    smtp_ca_file: Path | None = None
    smtp_connections: int = Field(default=8, ge=1, le=100)
    mail_from: str = "Decode <no-reply@decode.example>"

    temporal_compression: Literal["gzip", "off"] = "off"

    root_keys: SecretStr
    lookup_secret: SecretStr
    signing_keys: SecretStr
    retired_signing_keys: str = ""
    codec_tokens: SecretStr = SecretStr("")

    auditors: Annotated[tuple[Address, ...], NoDecode] = ()
    anchor_file: Path | None = None

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=4000, ge=1, le=65535)
    cors_origins: Annotated[tuple[Origin, ...], NoDecode] = ()
    docs: bool | None = None
    metrics_address: str | None = None
    ready_file: Path | None = None
    log_level: LogLevel = "INFO"

    code_life_minutes: int = Field(default=10, ge=1, le=60)
    hash_queue: int = Field(default=64, ge=1)
    breach_ranges_url: str | None = None

    wallet_uri: str = "http://localhost:3000"
    wallet_chain_ids: Annotated[tuple[ChainId, ...], NoDecode] = (1,)

    chat_ttl_seconds: int = Field(default=900, ge=1)
    chat_grace_seconds: int = Field(default=300, ge=1)
    chat_retention_days: int = Field(default=30, ge=0)
    chat_tokens_a_day: int = Field(default=200_000, ge=1)
    chat_cache: Literal["on", "off"] = "off"
    models_file: Annotated[ModelsFileSetting, NoDecode] = None
    mock_first_ms: int = Field(default=500, ge=0)
    mock_word_ms: int = Field(default=50, ge=0)

    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    rate_limits: Literal["on", "off"] = "on"
    limit_std: RateSetting = Rate(100, 60)
    limit_strict: RateSetting = Rate(20, 60)
    limit_start_target: RateSetting = Rate(5, 900)
    limit_start_address: RateSetting = Rate(20, 3600)
    limit_login_target: RateSetting = Rate(5, 900)
    limit_login_address: RateSetting = Rate(50, 900)
    limit_login_device: RateSetting = Rate(5, 900)
    limit_login_account: RateSetting = Rate(100, 86400)
    limit_step_up: RateSetting = Rate(5, 900)
    limit_mail_pace: RateSetting = Rate(1, 55)
    limit_mail_day: RateSetting = Rate(20, 86400)
    limit_chat: RateSetting = Rate(10, 60)
    limit_tools: RateSetting = Rate(30, 60)
    limit_open_holds: int = Field(default=3, ge=1)

    @field_validator("auditors", "cors_origins", "trusted_proxies", "wallet_chain_ids", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for proxy in value:
            ipaddress.ip_network(proxy)
        return value

    @field_validator("wallet_chain_ids")
    @classmethod
    def _chains(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if not value:
            raise ValueError("name one chain at least")
        return value

    @field_validator("wallet_uri")
    @classmethod
    def _page(cls, value: str) -> str:
        parts = urlsplit(value)
        is_plain = value.isascii() and value.isprintable() and " " not in value and "@" not in parts.netloc
        if parts.scheme not in ("http", "https") or not parts.hostname or not is_plain:
            raise ValueError("write the page where people sign in, such as https://decode.example")
        return value

    @field_validator("root_keys", "signing_keys")
    @classmethod
    def _ring(cls, value: SecretStr) -> SecretStr:
        split_ring(value)
        return value

    @field_validator("retired_signing_keys")
    @classmethod
    def _public_keys(cls, value: str) -> str:
        split_public_keys(value)
        return value

    @field_validator("lookup_secret")
    @classmethod
    def _key(cls, value: SecretStr) -> SecretStr:
        decode_key(value.get_secret_value())
        return value

    @field_validator("codec_tokens")
    @classmethod
    def _tokens(cls, value: SecretStr) -> SecretStr:
        split_tokens(value)
        return value

    @model_validator(mode="after")
    def _production(self) -> Self:
        weak = [f"production: {name} {sentence}" for name, sentence in self._weaknesses()]
        if self.is_production and weak:
            raise ValueError(".\n".join(weak))
        return self

    def _weaknesses(self) -> Iterator[tuple[str, str]]:
        mongodb = urlsplit(self.mongodb_url.get_secret_value())
        if not (mongodb.password or "authmechanism=" in mongodb.query.lower()):
            yield "DECODE_MONGODB_URL", "needs a password"
        if not urlsplit(self.redis_url.get_secret_value()).password:
            yield "DECODE_REDIS_URL", "needs a password"
        if self.smtp_tls is SmtpTls.OFF:
            yield "DECODE_SMTP_TLS", "must be starttls or tls"
        if parseaddr(self.mail_from)[1].lower().endswith(NO_DOMAIN):
            yield "DECODE_MAIL_FROM", "must be an address of yours"
        if ANY_ORIGIN in self.cors_origins:
            yield "DECODE_CORS_ORIGINS", "must name each origin"
        yield from self._unencrypted()
        if self.rate_limits == "off":
            yield "DECODE_RATE_LIMITS", "must be on"
        if any(ipaddress.ip_network(proxy).prefixlen == 0 for proxy in self.trusted_proxies):
            yield "DECODE_TRUSTED_PROXIES", "must not be every address: each client could name another one"
        yield from self._of_development()

    def _of_development(self) -> Iterator[tuple[str, str]]:
        for name, ring in (("DECODE_ROOT_KEYS", self.root_keys), ("DECODE_SIGNING_KEYS", self.signing_keys)):
            if any(key_id.startswith("dev") for key_id in split_ring(ring)):
                yield name, "holds a development key; make your own"
        if DEVELOPER in split_tokens(self.codec_tokens):
            yield "DECODE_CODEC_TOKENS", "holds the token of development; make your own"

    def _unencrypted(self) -> Iterator[tuple[str, str]]:
        for name, url in (("WALLET_URI", self.wallet_uri), ("BREACH_RANGES_URL", self.breach_ranges_url)):
            if url and not url.startswith("https://"):
                yield f"DECODE_{name}", "must begin with https://"
        for name in self.models_file.unencrypted if self.models_file else ():
            yield "DECODE_MODELS_FILE", f"the base_url of {name} must begin with https://"

    @property
    def is_production(self) -> bool:
        """Whether this deployment is a production environment."""
        return self.environment is Environment.PRODUCTION

    @property
    def models(self) -> ModelsFile | None:
        """The models of the assistant. Without a file the mock, but in production none: a canned answer is no
        substitute for a model.
        """
        return self.models_file or (None if self.is_production else MOCK_ALONE)

    @property
    def shows_docs(self) -> bool:
        """Whether the API serves its documentation: as set by DECODE_DOCS, else outside production only."""
        return self.docs if self.docs is not None else not self.is_production


def load_settings() -> Settings:
    """Return the settings from the environment and the folder of secrets. Raises SettingsError."""
    secrets_dir = os.environ.get("DECODE_SECRETS_DIR")
    if secrets_dir and not Path(secrets_dir).is_dir():
        raise SettingsError("DECODE_SECRETS_DIR: there is no such folder.")
    try:
        return Settings(_secrets_dir=secrets_dir)
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(dict(item)) for item in error.errors())) from None


def _sentence(item: dict[str, object]) -> str:
    location = item["loc"]
    name = "DECODE_" + str(location[0]).upper() if isinstance(location, tuple) and location else "Settings"
    if item["type"] == "missing":
        return f"{name} is not set: see .env.example."
    sentence = str(item["msg"]).removeprefix("Value error, ")
    return f"{sentence}." if sentence.startswith("production:") else f"{name}: {sentence}."
