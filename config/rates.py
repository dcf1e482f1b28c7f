"""The notation of a rate limit in settings: `100/60` means 100 within 60 seconds."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_WRITTEN = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,8})")


@dataclass(frozen=True)
class Rate:
    """At most `count` events within `seconds`."""

    count: int
    seconds: int

    def __str__(self) -> str:
        return f"{self.count}/{self.seconds}"


def parse_rate(written: object) -> Rate:
    """Return the rate of a text such as `100/60`. Raises ValueError."""
    match = _WRITTEN.fullmatch(str(written))
    if match is None:
        raise ValueError("write a count, a slash and seconds, such as 100/60")
    return Rate(int(match[1]), int(match[2]))


RateSetting = Annotated[Rate, NoDecode, BeforeValidator(parse_rate)]
