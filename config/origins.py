"""Origins of web pages, as DECODE_CORS_ORIGINS lists them."""

from typing import Annotated

from pydantic import AfterValidator, HttpUrl

ANY_ORIGIN = "*"


def check_origin(text: str) -> str:
    """Return the origin if a browser would send exactly this, or `*` for all.

    Browsers serialize an origin as scheme, host and port alone, in lower case, without a default port (WHATWG HTML,
    section 7.1.1). `HttpUrl` reads URLs by WHATWG's rules as well: of an origin it makes the same text and a slash.
    """
    if text == ANY_ORIGIN:
        return text
    if "@" in text or "*" in text or not _is_serialized(text):
        raise ValueError(
            "write each origin as a browser sends it, such as https://decode.example or http://localhost:3000:"
            " in lower case, without a path, a slash at the end or a default port"
        )
    return text


def _is_serialized(text: str) -> bool:
    try:
        return str(HttpUrl(text)) == f"{text}/"
    except ValueError:
        return False


Origin = Annotated[str, AfterValidator(check_origin)]
