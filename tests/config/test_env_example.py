"""`.env.example` is the list of all settings: complete, current, each with one line of meaning."""

from enum import Enum

import pytest
from pydantic import SecretStr
from pydantic.fields import FieldInfo
from temporalio.envconfig import ClientConfig

from config.settings import Settings
from tests.config.environment import Line, example_lines

LINES = {line.name: line for line in example_lines()}
FIELDS = {f"DECODE_{name.upper()}": field for name, field in Settings.model_fields.items()}
READ_ELSEWHERE = {"DECODE_SECRETS_DIR"}


def written(default: object) -> str:
    """A default as written in an environment variable."""
    plain = default.get_secret_value() if isinstance(default, SecretStr) else default
    parts = plain if isinstance(plain, tuple) else [plain.value if isinstance(plain, Enum) else plain]
    return ",".join(map(str, parts))


def expected(name: str, field: FieldInfo, meaning: str) -> Line:
    if field.is_required():
        return Line(name, "", is_off=False, meaning=meaning)
    if field.default is None:
        return Line(name, "", is_off=True, meaning=meaning)
    return Line(name, written(field.default), is_off=False, meaning=meaning)


def test_every_setting_is_listed_and_nothing_else() -> None:
    assert {name for name in LINES if name.startswith("DECODE_")} == FIELDS.keys() | READ_ELSEWHERE


def test_nothing_is_listed_twice() -> None:
    assert len(LINES) == len(example_lines())


@pytest.mark.parametrize("name", FIELDS)
def test_default_is_the_current_one(name: str) -> None:
    line = LINES[name]

    assert line == expected(name, FIELDS[name], line.meaning)


@pytest.mark.parametrize("name", LINES)
def test_meaning_stands_above(name: str) -> None:
    meaning = LINES[name].meaning

    assert meaning.startswith("# ")
    assert meaning.endswith(".")


@pytest.mark.parametrize("name", FIELDS)
def test_what_must_be_set_is_marked(name: str) -> None:
    assert LINES[name].meaning.endswith("Required.") == FIELDS[name].is_required()


def test_temporal_is_where_the_file_says() -> None:
    given = {name: LINES[name].value for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE")}

    config = ClientConfig.load_client_connect_config(disable_file=True, override_env_vars=given)

    assert config.get("target_host") == "localhost:7233"
    assert config.get("namespace") == "default"
