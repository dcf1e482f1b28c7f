"""The models of the assistant: one TOML file, with each key in a secret file of its own.

chain = ["gpt", "claude"]            # asked in this order; the first answers unless it cannot

[models.gpt]
wire = "openai"                      # or "anthropic", or "mock"
base_url = "https://api.openai.com/v1"
model = "gpt-5-mini"
key = "openai_key"                   # a file in DECODE_SECRETS_DIR
context_tokens = 128000
max_output = 4096
"""

import os
import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    model_validator,
)

MIN_PROMPT_TOKENS = 512
"""What must be left of the context for what is said."""


class WireName(StrEnum):
    """How a model is asked."""

    OPENAI = "openai"
    ANTHROPIC = "anthropic"
    MOCK = "mock"


def _read_key(name: object) -> object:
    """Return the content of a secret file. Raises ValueError without it."""
    folder = os.environ.get("DECODE_SECRETS_DIR")
    if not isinstance(name, str) or not name or Path(name).name != name:
        raise ValueError("write the name of a secret file")
    if not folder:
        raise ValueError("set DECODE_SECRETS_DIR, the folder of the secret file")
    try:
        key = (Path(folder) / name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"there is no secret file {name} in DECODE_SECRETS_DIR") from None
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError(f"the secret file {name} holds no key")
    return SecretStr(key)


def _url(text: str) -> str:
    """Return an address to which a path can be appended. Raises ValueError for another."""
    try:
        url = HttpUrl(text)
    except ValidationError:
        raise ValueError("this is no URL, such as https://api.openai.com/v1") from None
    if url.query is not None or url.fragment is not None or url.username or url.password or text != text.strip():
        raise ValueError("write scheme, host, port and path alone")
    return text


class ModelSettings(BaseModel):
    """One model. `price_in`, `price_out`: of a million tokens. `continues`: it goes on where a begun answer was cut.
    `most_at_once`: requests of one worker process that are under way.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    wire: WireName
    base_url: Annotated[str, AfterValidator(_url)] | None = None
    model: str | None = Field(default=None, min_length=1)
    key: Annotated[SecretStr | None, BeforeValidator(_read_key)] = None
    context_tokens: int = Field(ge=1024, le=100_000_000)
    max_output: int = Field(ge=16)
    price_in: float | None = Field(default=None, ge=0, le=1_000_000)
    price_out: float | None = Field(default=None, ge=0, le=1_000_000)
    continues: bool = False
    can_call_tools: bool = True
    most_at_once: int = Field(default=64, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.wire is not WireName.MOCK and not (self.base_url and self.model):
            raise ValueError("write base_url and model")
        if self.context_tokens - self.max_output < MIN_PROMPT_TOKENS:
            raise ValueError(f"context_tokens must be {MIN_PROMPT_TOKENS} larger than max_output at least")
        if (self.price_in is None) != (self.price_out is None):
            raise ValueError("write both prices, or none")
        return self


class ModelsFile(BaseModel):
    """The models by name, and the chain of those that are asked one after the other."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    chain: tuple[str, ...] = Field(min_length=1)
    models: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")], ModelSettings]

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name in self.chain:
            if name not in self.models:
                raise ValueError(f"the chain names {name}, which is no model of the file")
        if len(set(self.chain)) < len(self.chain):
            raise ValueError("the chain names a model twice")
        return self

    @property
    def unencrypted(self) -> tuple[str, ...]:
        """Names of the models that are not asked by HTTPS."""
        return tuple(
            name for name, model in self.models.items() if model.base_url and not model.base_url.startswith("https://")
        )


MOCK_ALONE = ModelsFile.model_validate(
    {"chain": ["mock"], "models": {"mock": {"wire": "mock", "context_tokens": 131_072, "max_output": 32_768}}}
)


def _read_file(path: object) -> object:
    """Return the models of the file. Raises ValueError with a sentence on the first thing that is wrong."""
    if path is None:
        return None
    try:
        return ModelsFile.model_validate(tomllib.loads(Path(str(path)).read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError):
        raise ValueError("there is no such file that can be read") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"this is no TOML: {error}") from None
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        sentence = str(fault["msg"]).removeprefix("Value error, ")
        raise ValueError(f"{where}: {sentence}" if where else sentence) from None


ModelsFileSetting = Annotated[ModelsFile | None, BeforeValidator(_read_file)]
"""Read from the path of the file."""
