"""The file of models: what is wrong with it is said in a sentence, and no key is ever shown."""

from pathlib import Path

import pytest

from config.models import MOCK_ALONE, ModelSettings
from config.settings import Settings, SettingsError, load_settings
from tests.config.environment import DEVELOPMENT, PRODUCTION

GPT = """
chain = ["gpt", "mock"]

[models.gpt]
wire = "openai"
base_url = "https://api.example/v1"
model = "gpt-5-mini"
key = "gpt_key"
context_tokens = 128000
max_output = 4096
price_in = 0.25
price_out = 2

[models.mock]
wire = "mock"
context_tokens = 4096
max_output = 512
"""
SECRET = "sk-that-nobody-sees"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of secrets, with the file of models beside it."""
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "gpt_key").write_text(f"{SECRET}\n")
    (secrets / "empty_key").write_text("\n")
    monkeypatch.setenv("DECODE_SECRETS_DIR", str(secrets))
    return tmp_path


def start(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, environment: dict[str, str]) -> Settings:
    (folder / "models.toml").write_text(text)
    for name, value in {**environment, "DECODE_MODELS_FILE": str(folder / "models.toml")}.items():
        monkeypatch.setenv(name, value)
    return load_settings()


def test_models_are_those_of_the_file_and_keys_those_of_their_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = start(folder, monkeypatch, GPT, PRODUCTION)

    assert settings.models is not None
    assert settings.models.chain == ("gpt", "mock")
    key = settings.models.models["gpt"].key
    assert key is not None
    assert key.get_secret_value() == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("line", "by", "sentence"),
    [
        pytest.param("max_output = 4096", "max_output = 4096\nmax_input = 1", "gpt.max_input", id="unknown field"),
        pytest.param('wire = "openai"', 'wire = "morse"', "models.gpt.wire", id="unknown wire"),
        pytest.param('["gpt", "mock"]', '["gpt", "claude"]', "the chain names claude", id="unknown model"),
        pytest.param('["gpt", "mock"]', '["gpt", "gpt"]', "twice", id="model twice"),
        pytest.param('["gpt", "mock"]', "[]", "chain", id="empty chain"),
        pytest.param('"gpt_key"', '"other_key"', "there is no secret file other_key", id="no key"),
        pytest.param('"gpt_key"', '"../gpt_key"', "write the name of a secret file", id="key elsewhere"),
        pytest.param('"gpt_key"', '"empty_key"', "the secret file empty_key holds no key", id="empty key"),
        pytest.param("https://api.example/v1", "api.example", "this is no URL", id="no URL"),
        pytest.param("api.example/v1", "api.example:abc/v1", "this is no URL", id="no port"),
        pytest.param("api.example/v1", "api.example/v1?k=1", "path alone", id="query"),
        pytest.param("api.example/v1", "key@api.example/v1", "path alone", id="user"),
        pytest.param("price_out = 2", "price_out = inf", "models.gpt.price_out", id="price without end"),
        pytest.param('model = "gpt-5-mini"', "", "write base_url and model", id="no model"),
        pytest.param("context_tokens = 128000", "context_tokens = 4200", "512 larger", id="no room"),
        pytest.param("price_out = 2", "", "both prices", id="one price"),
        pytest.param("price_out = 2", "price_out = ", "no TOML", id="no TOML"),
    ],
)
def test_wrong_file_stops_the_start_with_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, line: str, by: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as refused:
        start(folder, monkeypatch, GPT.replace(line, by), DEVELOPMENT)

    assert str(refused.value).startswith("DECODE_MODELS_FILE: ")
    assert sentence in str(refused.value)
    assert SECRET not in str(refused.value)


def test_key_needs_a_folder_of_secrets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DECODE_SECRETS_DIR")

    with pytest.raises(SettingsError, match="set DECODE_SECRETS_DIR, the folder of the secret file"):
        start(folder, monkeypatch, GPT, DEVELOPMENT)


def test_missing_file_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**DEVELOPMENT, "DECODE_MODELS_FILE": "/nowhere.toml"}.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match="DECODE_MODELS_FILE: there is no such file"):
        load_settings()


def test_words_leave_a_production_encrypted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = GPT.replace("https://api", "http://api")

    with pytest.raises(SettingsError, match="the base_url of gpt must begin with https://"):
        start(folder, monkeypatch, text, PRODUCTION)
    assert start(folder, monkeypatch, text, DEVELOPMENT).models is not None


def test_mock_answers_without_a_file_but_not_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DECODE_MODELS_FILE", raising=False)
    for name, value in DEVELOPMENT.items():
        monkeypatch.setenv(name, value)
    in_development = load_settings().models
    monkeypatch.setenv("DECODE_ENVIRONMENT", "production")

    assert in_development == MOCK_ALONE
    assert load_settings().models is None


def test_file_of_the_documentation_is_a_good_one(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
    for name in ("openai_key", "anthropic_key"):
        (folder / "secrets" / name).write_text(SECRET)

    models = start(folder, monkeypatch, page.split("```toml")[1].split("```")[0], PRODUCTION).models

    assert models is not None
    assert models.chain == ("gpt", "claude")
    for field in ModelSettings.model_fields:
        assert f"`{field}`" in page
