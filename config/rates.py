"""How a limit is written in a setting: `100/60` is a hundred within sixty seconds."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_WRITTEN = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Rate:
    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.seconds}"


def parse_rate(written: object) -> Rate:
    """Raises ValueError."""
    match = _WRITTEN.fullmatch(str(written))
    if match is None:
        raise ValueError("write a count, a slash and seconds, such as 100/60")
    return Rate(int(match[1]), int(match[2]))


RateSetting = Annotated[Rate, NoDecode, BeforeValidator(parse_rate)]
