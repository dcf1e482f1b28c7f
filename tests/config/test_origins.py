"""An origin in a setting is exactly what a browser sends; anything else would match no page."""

import pytest

from config.origins import check_origin


@pytest.mark.parametrize(
    "origin",
    [
        "https://decode.example",
        "http://localhost:3000",
        "https://decode.example:8443",
        "https://decode.example:80",
        "http://decode.example:443",
        "http://127.0.0.1:8000",
        "http://[::1]:8000",
        "https://[2001:db8::7]",
        "https://xn--bcher-kva.example",
        "*",
    ],
)
def test_origin_that_a_browser_sends_is_accepted(origin: str) -> None:
    assert check_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("https://decode.example/", id="a slash"),
        pytest.param("https://decode.example/app", id="a path"),
        pytest.param("https://decode.example//", id="two slashes"),
        pytest.param("https://decode.example\\", id="a backslash"),
        pytest.param("https://decode.example?", id="an empty query"),
        pytest.param("https://decode.example?x=1", id="a query"),
        pytest.param("https://decode.example#", id="an empty fragment"),
        pytest.param("https://decode.example#x", id="a fragment"),
        pytest.param("https://Decode.example", id="a host in upper case"),
        pytest.param("HTTPS://decode.example", id="a scheme in upper case"),
        pytest.param("https://decode.example:443", id="the default port of https"),
        pytest.param("http://decode.example:80", id="the default port of http"),
        pytest.param("https://decode.example:", id="an empty port"),
        pytest.param("https://decode.example:08443", id="a port with a zero in front"),
        pytest.param("https://decode.example:65536", id="a port that is no port"),
        pytest.param("https://decode.example:https", id="the name of a port"),
        pytest.param("https://ann@decode.example", id="a user"),
        pytest.param("https://ann:secret@decode.example", id="a password"),
        pytest.param("https://@decode.example", id="an empty user"),
        pytest.param("decode.example", id="no scheme"),
        pytest.param("//decode.example", id="no scheme but slashes"),
        pytest.param("https:decode.example", id="no slashes"),
        pytest.param("https:///decode.example", id="three slashes"),
        pytest.param("https://", id="no host"),
        pytest.param("ws://decode.example", id="the scheme of a socket"),
        pytest.param("file://decode.example", id="the scheme of a file"),
        pytest.param("null", id="null"),
        pytest.param("https://*", id="any host"),
        pytest.param("https://*.decode.example", id="any subdomain"),
        pytest.param("https://decode.example:*", id="any port"),
        pytest.param("**", id="two asterisks"),
        pytest.param("https://b\u00fccher.example", id="a host that is not in punycode"),
        pytest.param("https://%64ecode.example", id="an escaped letter"),
        pytest.param("http://127.1", id="a short IPv4 address"),
        pytest.param("http://0x7f.0.0.1", id="a hexadecimal IPv4 address"),
        pytest.param("http://[0:0:0:0:0:0:0:1]:8000", id="a long IPv6 address"),
        pytest.param("http://[2001:DB8::7]", id="an IPv6 address in upper case"),
        pytest.param("http://::1", id="an IPv6 address without brackets"),
        pytest.param("https://decode.example https://b.example", id="two origins"),
        pytest.param("https://decode.example\n", id="a line feed"),
        pytest.param("https://dec\tode.example", id="a tab"),
    ],
)
def test_text_that_no_browser_sends_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="as a browser sends it"):
        check_origin(text)
