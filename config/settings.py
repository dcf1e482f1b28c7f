"""Every setting of the API and the workers, typed, checked once at start.

`.env.example` lists them with their defaults. Temporal's own `TEMPORAL_*` variables are read by
`temporalio.envconfig`. A wrong or missing value ends the process with one sentence each, all at once.
"""

import base64
import binascii
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SECRET_BYTES = 32


class Environment(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SmtpTls(StrEnum):
    STARTTLS = "starttls"
    TLS = "tls"
    OFF = "off"


class SettingsError(Exception):
    """What to set, one sentence a line."""


class Settings(BaseSettings):
    """Read from the environment; a secret may stand in a file instead, `decode_root_keys` for DECODE_ROOT_KEYS
    and so on, in the folder named by DECODE_SECRETS_DIR.
    """

    model_config = SettingsConfigDict(env_prefix="DECODE_", extra="ignore", hide_input_in_errors=True)

    environment: Environment = Environment.PRODUCTION

    mongodb_url: str
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

    root_keys: SecretStr
    lookup_secret: SecretStr
    signing_keys: SecretStr
    codec_tokens: SecretStr = SecretStr("")

    api_host: str = "127.0.0.1"
    api_port: int = Field(default=4000, ge=1, le=65535)
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    docs: bool | None = None
    metrics_address: str | None = None
    ready_file: Path | None = None
    log_level: str = "INFO"

    code_life_minutes: int = Field(default=10, ge=1, le=60)
    hash_queue: int = Field(default=64, ge=1)

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("root_keys", "signing_keys")
    @classmethod
    def _ring(cls, value: SecretStr) -> SecretStr:
        for name, key in split_ring(value).items():
            if not name.isalnum() or len(key) < SECRET_BYTES:
                raise ValueError("write name:key[,name:key …], each key base64url of at least 32 random bytes")
        return value

    @field_validator("lookup_secret")
    @classmethod
    def _long(cls, value: SecretStr) -> SecretStr:
        if len(decode_key(value.get_secret_value())) < SECRET_BYTES:
            raise ValueError("write base64url of at least 32 random bytes")
        return value

    @model_validator(mode="after")
    def _production(self) -> Self:
        if self.environment is Environment.DEVELOPMENT:
            return self
        if "@" not in self.redis_url.get_secret_value():
            raise ValueError("production: DECODE_REDIS_URL needs a password")
        if self.smtp_tls is SmtpTls.OFF:
            raise ValueError("production: DECODE_SMTP_TLS must be starttls or tls")
        if "*" in self.cors_origins:
            raise ValueError("production: DECODE_CORS_ORIGINS must name each origin")
        if any(name.startswith("dev") for name in split_ring(self.root_keys)):
            raise ValueError("production: DECODE_ROOT_KEYS holds a development key; make your own")
        return self

    @property
    def is_production(self) -> bool:
        return self.environment is Environment.PRODUCTION

    @property
    def shows_docs(self) -> bool:
        return self.docs if self.docs is not None else not self.is_production


def decode_key(text: str) -> bytes:
    """Bytes of a base64url text, padding optional. Raises ValueError."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        raise ValueError("not base64url") from None


def split_ring(ring: SecretStr) -> dict[str, bytes]:
    """`new:…,old:…` as an ordered ring; the first key is the one in use, the others only read."""
    pairs = [part.strip().partition(":") for part in ring.get_secret_value().split(",")]
    return {name: decode_key(key) for name, _, key in pairs}


def split_tokens(tokens: SecretStr) -> dict[str, str]:
    """`operator:token,…` as operator by name; empty when none is set."""
    pairs = [part.strip().partition(":") for part in tokens.get_secret_value().split(",") if part.strip()]
    return {name: token for name, _, token in pairs}


def load_settings() -> Settings:
    """Settings from the environment and the folder of secrets. Raises SettingsError."""
    try:
        return Settings(_secrets_dir=os.environ.get("DECODE_SECRETS_DIR"))
    except ValidationError as error:
        raise SettingsError("\n".join(_sentence(dict(item)) for item in error.errors())) from None


def _sentence(item: dict[str, object]) -> str:
    location = item["loc"]
    name = "DECODE_" + str(location[0]).upper() if isinstance(location, tuple) and location else "Settings"
    if item["type"] == "missing":
        return f"{name} is not set: see .env.example."
    return f"{name}: {str(item['msg']).removeprefix('Value error, ')}."
