"""Field types that schemas share: what a string may hold, what an address is, how a time is written."""

import re
from datetime import date, datetime
from typing import Annotated, Any

import email_validator
import multiformats
from eth_utils.address import to_checksum_address
from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from domain.auth.two_factor import RECOVERY_CODE_LENGTH
from domain.codes import CODE_LENGTH
from domain.email_address import MAX_EMAIL_LENGTH
from domain.moments import format_timestamp
from domain.typed_text import compose, find_unpaired_bidi, join_code, remove_unpaired_bidi, unify_newlines
from domain.username import USERNAME_PATTERN

MAX_LABEL_LENGTH = 255

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_NEWLINE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")

# Names such as `.test` are refused by default, as no mail reaches them from the internet. Whether an address
# can be reached is shown by the code, and such names are what tests and closed networks use.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def _plain(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError("control characters are not allowed")
    return text


def _plain_lines(text: str) -> str:
    if _CONTROL_BUT_NEWLINE.search(text):
        raise ValueError("control characters other than a newline are not allowed")
    return text


def _trimmed(text: str) -> str:
    """What names something is typed or pasted, often with a space too many."""
    return compose(_plain(text)).strip()


def _name(text: str) -> str:
    if find_unpaired_bidi(text):
        raise ValueError("a control character of the writing direction has no partner")
    return text


def worded(text: str) -> str:
    """Return a text that has more than blanks. Raises ValueError."""
    if not text.strip():
        raise ValueError("write at least one word")
    return text


def _label(text: str) -> str:
    """Devices are described by programs, which cannot correct what is refused."""
    return remove_unpaired_bidi(compose(text)[:MAX_LABEL_LENGTH])


def _symbols(count: int) -> AfterValidator:
    """A code of so many symbols, counted without the spaces and dashes that were typed."""

    def join(text: str) -> str:
        code = _plain(join_code(text))
        if len(code) != count:
            raise ValueError(f"this code has {count} symbols")
        return code

    return AfterValidator(join)


def _wallet_address(text: str) -> str:
    """Letter case is a checksum (EIP-55), unless all letters have the same."""
    spelled, letters = to_checksum_address(text), text[2:]
    if letters not in (letters.lower(), letters.upper(), spelled[2:]):
        raise ValueError("the letter case of this address is not that of EIP-55")
    return spelled


def _address(text: str) -> str:
    try:
        parsed = email_validator.validate_email(text, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError:
        raise ValueError("this is not a mail address") from None
    return f"{parsed.local_part}@{parsed.ascii_domain or parsed.domain}"


def _spaced(pattern: str) -> str:
    """The pattern with any space around it, which `_trimmed` takes away."""
    return rf"^\s*{pattern.strip('^$')}\s*$"


def _cid(text: str) -> str:
    try:
        multiformats.CID.decode(text)
    except (ValueError, LookupError):
        # A LookupError: an unknown base, codec or hash, or a text that ends too early (0.3.1).
        raise ValueError("this is no CID of version 0 or 1") from None
    return text


def _day(typed: Any) -> Any:
    """Other spellings of a day, such as a number of seconds, are refused. Empty is None: not said."""
    if isinstance(typed, str) and typed and not _DAY.fullmatch(typed):
        raise ValueError("write a day as 2026-01-31")
    return typed or None


def _identifier(text: str) -> str:
    """An address in the form of the registration, a username as it is. What is neither matches no account."""
    try:
        return _address(text) if "@" in text else text
    except ValueError:
        return text


Unicode = Annotated[str, StringConstraints(min_length=0)]
"""Any text. Without a bound pydantic lets half a character through. Bounds behind a validator are those of its result:
lengths are judged after normalization.
"""
Text = Annotated[Unicode, AfterValidator(_plain), AfterValidator(compose)]
Phrase = Annotated[Text, StringConstraints(min_length=1), AfterValidator(worded)]
EmailAddress = Annotated[
    Unicode, AfterValidator(_trimmed), Field(max_length=MAX_EMAIL_LENGTH), AfterValidator(_address)
]
Identifier = Annotated[
    Unicode, AfterValidator(_trimmed), Field(min_length=1, max_length=MAX_EMAIL_LENGTH), AfterValidator(_identifier)
]
Username = Annotated[str, StringConstraints(pattern=_spaced(USERNAME_PATTERN)), AfterValidator(_trimmed)]
Password = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_plain)]
"""Long enough to be judged by name (`WeakPassword`), short enough to be hashed without worry."""
Code = Annotated[Unicode, _symbols(CODE_LENGTH), Field(description="6 symbols; spaces and dashes do not count.")]
FlowId = Annotated[Unicode, AfterValidator(_trimmed), StringConstraints(min_length=1, max_length=64)]
Fingerprint = Annotated[str, StringConstraints(min_length=32, max_length=128, pattern="^[!-~][ -~]*[!-~]$")]
DisplayName = Annotated[Text, StringConstraints(min_length=1, max_length=50), AfterValidator(_name)]
Bio = Annotated[
    Unicode,
    AfterValidator(unify_newlines),
    AfterValidator(_plain_lines),
    AfterValidator(compose),
    StringConstraints(max_length=500),
]
Cid = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_plain), AfterValidator(_cid)]
Label = Annotated[Unicode, AfterValidator(_plain), AfterValidator(_label), StringConstraints(min_length=1)]
AppName = Annotated[Text, StringConstraints(min_length=1, max_length=255), AfterValidator(_name)]
Token = Unicode
"""Of any length and any characters: what none of ours can be is a bad token like any other, and no malformed input."""
ObjectId = Annotated[
    str, StringConstraints(pattern=_spaced("[0-9a-fA-F]{24}")), AfterValidator(_trimmed), AfterValidator(str.lower)
]
Otp = Annotated[
    Unicode,
    AfterValidator(join_code),
    StringConstraints(pattern="^[0-9]{6}$"),
    Field(description="6 digits; spaces and dashes do not count."),
]
RecoveryCode = Annotated[
    Unicode, _symbols(RECOVERY_CODE_LENGTH), Field(description="16 symbols; spaces and dashes do not count.")
]
WalletAddress = Annotated[
    str,
    StringConstraints(pattern=_spaced("0x[0-9a-fA-F]{40}")),
    AfterValidator(_trimmed),
    AfterValidator(_wallet_address),
]
"""20 bytes; in the spelling of EIP-55 from here on."""
ChainId = Annotated[int, Field(ge=1, lt=2**53)]
SignedMessage = Annotated[str, StringConstraints(min_length=1, max_length=2048), AfterValidator(_plain_lines)]
"""To the byte what was signed (EIP-191): nothing is normalized."""
WalletSignature = Annotated[str, StringConstraints(pattern=r"^(0x)?[0-9a-fA-F]{130}$")]
"""65 bytes: r, s, v."""
UserIdInPath = Annotated[ObjectId, Path()]
FlowIdInPath = Annotated[Unicode, AfterValidator(str.strip), Path()]
AddressInPath = Annotated[WalletAddress, Path()]
Day = Annotated[date | None, BeforeValidator(_day)]
Timestamp = Annotated[
    datetime,
    PlainSerializer(format_timestamp, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A time in an answer: always with milliseconds, where pydantic leaves out a fraction of zero."""
