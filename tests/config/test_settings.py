"""A wrong setting stops the start with a message that names it; all of them at once, never the value."""

import base64
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.keys import decode_key, split_ring, split_tokens
from config.settings import Settings, SettingsError, SmtpTls, load_settings
from tests.config.environment import DEVELOPMENT, KEY, PRODUCTION, SHORT_KEY

REQUIRED = [f"DECODE_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()]
PASSWORDS = ["store-password", "graph-password", "cache-password", "mail-password", KEY]


def start(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def complaint(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str]) -> str:
    """Return the error output of the process before it exits."""
    with pytest.raises(SettingsError) as refused:
        start(monkeypatch, environment)
    return str(refused.value)


def test_good_settings_start(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = start(monkeypatch, PRODUCTION)

    assert settings.is_production
    assert settings.smtp_tls is SmtpTls.STARTTLS


def test_place_that_says_nothing_is_production(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {name: value for name, value in PRODUCTION.items() if name != "DECODE_ENVIRONMENT"}

    assert start(monkeypatch, environment).is_production


@pytest.mark.parametrize("name", REQUIRED)
def test_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    environment = {other: value for other, value in PRODUCTION.items() if other != name}

    assert complaint(monkeypatch, environment) == f"{name} is not set: see .env.example."


def test_all_missing_settings_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = complaint(monkeypatch, {}).splitlines()

    assert sorted(line.partition(" ")[0] for line in lines) == sorted(REQUIRED)


def test_empty_setting_is_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "DECODE_MONGODB_URL is not set" in complaint(monkeypatch, PRODUCTION | {"DECODE_MONGODB_URL": ""})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DECODE_LOOKUP_SECRET", SHORT_KEY),
        ("DECODE_LOOKUP_SECRET", "not base64!"),
        ("DECODE_ROOT_KEYS", f"k1:{SHORT_KEY}"),
        ("DECODE_ROOT_KEYS", f"k2:{KEY},k1:{SHORT_KEY}"),
        ("DECODE_ROOT_KEYS", KEY),
        ("DECODE_ROOT_KEYS", f"k.1:{KEY}"),
        ("DECODE_ROOT_KEYS", f"k1:{KEY},"),
        ("DECODE_SIGNING_KEYS", f"s1:{SHORT_KEY}"),
        ("DECODE_SIGNING_KEYS", "s1:not base64!"),
        ("DECODE_ENVIRONMENT", "staging"),
        ("DECODE_API_PORT", "0"),
        ("DECODE_API_PORT", "http"),
        ("DECODE_SMTP_TLS", "maybe"),
        ("DECODE_TEMPORAL_COMPRESSION", "on"),
        ("DECODE_CODE_LIFE_MINUTES", "61"),
        ("DECODE_DOCS", "perhaps"),
        ("DECODE_CORS_ORIGINS", "https://decode.example/"),
        ("DECODE_CORS_ORIGINS", "https://decode.example,https://app.decode.example:443"),
        ("DECODE_WALLET_URI", "decode.example"),
        ("DECODE_WALLET_URI", "ftp://decode.example"),
        ("DECODE_WALLET_URI", "https://"),
        ("DECODE_WALLET_URI", "https://decode.example\nhttps://decode.evil"),
        ("DECODE_WALLET_URI", "https://decode.example@decode.evil"),
        ("DECODE_WALLET_CHAIN_IDS", "mainnet"),
        ("DECODE_WALLET_CHAIN_IDS", "1,0"),
        ("DECODE_WALLET_CHAIN_IDS", ","),
        pytest.param(
            "DECODE_ROOT_KEYS",
            f"{'k' * 33}:{KEY}",
        ),
        pytest.param(
            "DECODE_ROOT_KEYS",
            f"\u00fc:{KEY}",
        ),
        pytest.param(
            "DECODE_ROOT_KEYS",
            f"k1:{KEY},k1:{KEY[::-1]}A",
        ),
        pytest.param(
            "DECODE_CODEC_TOKENS",
            "operator",
        ),
        pytest.param(
            "DECODE_LOG_LEVEL",
            "LOUD",
        ),
    ],
)
def test_wrong_setting_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    said = complaint(monkeypatch, PRODUCTION | {name: value})

    assert re.fullmatch(rf"{name}: [^\n]+\.", said)


WEAK = [
    ("DECODE_MONGODB_URL", "mongodb://mongo1.example,mongo2.example/?replicaSet=rs"),
    ("DECODE_REDIS_URL", "redis://redis.example:6379/0"),
    ("DECODE_SMTP_TLS", "off"),
    ("DECODE_MAIL_FROM", "Decode <no-reply@decode.example>"),
    ("DECODE_CORS_ORIGINS", "https://decode.example,*"),
    ("DECODE_RATE_LIMITS", "off"),
    ("DECODE_WALLET_URI", "http://decode.example"),
    ("DECODE_ROOT_KEYS", f"k1:{KEY},dev1:{KEY}"),
    ("DECODE_CODEC_TOKENS", f"ann:{KEY},dev:{KEY}"),
    ("DECODE_TRUSTED_PROXIES", "10.0.0.7,0.0.0.0/0"),
]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *WEAK,
        pytest.param(
            "DECODE_REDIS_URL",
            "redis://user@redis.example:6379/0",
        ),
        pytest.param(
            "DECODE_SIGNING_KEYS",
            f"dev1:{KEY}",
        ),
        ("DECODE_TRUSTED_PROXIES", "::/0"),
        ("DECODE_MONGODB_URL", "mongodb://decode@mongo.example/?replicaSet=rs"),
    ],
)
def test_production_refuses_what_is_weak(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    said = complaint(monkeypatch, PRODUCTION | {name: value})

    assert re.fullmatch(rf"[^\n]*production: {name} [^\n]+\.", said)


def test_mongodb_may_ask_for_a_certificate_in_place_of_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "mongodb://mongo.example/?replicaSet=rs&authMechanism=MONGODB-X509"

    assert start(monkeypatch, PRODUCTION | {"DECODE_MONGODB_URL": url}).is_production


def test_chains_are_listed_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = start(monkeypatch, PRODUCTION | {"DECODE_WALLET_CHAIN_IDS": "137, 1"})

    assert settings.wallet_chain_ids == (137, 1)


@pytest.mark.parametrize(("name", "value"), WEAK)
def test_development_takes_what_is_weak(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert not start(monkeypatch, DEVELOPMENT | {name: value}).is_production


def test_production_refuses_all_that_is_weak_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said = complaint(monkeypatch, PRODUCTION | dict(WEAK))

    assert [name for name, _ in WEAK if name not in said] == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DECODE_LOOKUP_SECRET", "hunter2-hunter2"),
        ("DECODE_ROOT_KEYS", "k1:hunter2-hunter2"),
        ("DECODE_SMTP_TLS", "hunter2"),
        ("DECODE_REDIS_URL", "redis://hunter2"),
    ],
)
def test_complaint_does_not_repeat_the_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    assert "hunter2" not in complaint(monkeypatch, PRODUCTION | {name: value})


@pytest.mark.parametrize("password", PASSWORDS)
def test_settings_do_not_print_their_secrets(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    assert password not in repr(start(monkeypatch, PRODUCTION))


def test_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "decode_lookup_secret").write_text(KEY + "\n")
    environment = {name: value for name, value in PRODUCTION.items() if name != "DECODE_LOOKUP_SECRET"}

    settings = start(monkeypatch, environment | {"DECODE_SECRETS_DIR": str(tmp_path)})

    assert settings.lookup_secret.get_secret_value() == KEY


def test_secret_of_another_reader_changes_no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "llama_key").write_text(KEY)

    alone = start(monkeypatch, PRODUCTION)

    assert start(monkeypatch, {"DECODE_SECRETS_DIR": str(tmp_path)}) == alone


@pytest.mark.defect(38)
@pytest.mark.parametrize(
    ("environment", "docs", "shown"),
    [
        ("production", {}, False),
        ("production", {"DECODE_DOCS": "true"}, True),
        ("development", {}, True),
        ("development", {"DECODE_DOCS": "false"}, False),
    ],
)
def test_docs_are_off_in_production_unless_set(
    monkeypatch: pytest.MonkeyPatch, environment: str, docs: dict[str, str], shown: bool
) -> None:
    settings = start(monkeypatch, PRODUCTION | {"DECODE_ENVIRONMENT": environment} | docs)

    assert settings.shows_docs is shown


@pytest.mark.parametrize(
    ("typed", "origins"),
    [
        ("", ()),
        ("https://a.example", ("https://a.example",)),
        (" https://a.example , https://b.example ,", ("https://a.example", "https://b.example")),
    ],
)
def test_origins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch, typed: str, origins: tuple[str, ...]) -> None:
    assert start(monkeypatch, PRODUCTION | {"DECODE_CORS_ORIGINS": typed}).cors_origins == origins


@given(st.binary(min_size=32, max_size=64))
def test_key_reads_back_with_and_without_padding(key: bytes) -> None:
    padded = base64.urlsafe_b64encode(key).decode()

    assert decode_key(padded) == decode_key(padded.rstrip("=")) == key


def test_ring_keeps_its_order(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(split_ring(start(monkeypatch, PRODUCTION).root_keys)) == ["k2", "k1"]


ANN, BOB = "a" * 24, "b:" * 12


@pytest.mark.parametrize(
    ("typed", "tokens"),
    [("", {}), (f"ann:{ANN}", {"ann": ANN}), (f"ann:{ANN}, bob:{BOB}", {"ann": ANN, "bob": BOB})],
)
def test_operators_have_a_token_each(monkeypatch: pytest.MonkeyPatch, typed: str, tokens: dict[str, str]) -> None:
    settings = start(monkeypatch, PRODUCTION | {"DECODE_CODEC_TOKENS": typed})

    assert split_tokens(settings.codec_tokens) == tokens
