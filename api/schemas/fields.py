"""Field types that schemas share: what a string may hold, what an address is, how a time is written."""

import re
from datetime import datetime
from typing import Annotated

import email_validator
import multiformats
from eth_utils.address import to_checksum_address
from fastapi import Path
from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, WithJsonSchema

from domain.codes import CODE_LENGTH
from domain.email_address import MAX_EMAIL_LENGTH
from domain.moments import format_timestamp
from domain.username import USERNAME_PATTERN

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


def _cid(text: str) -> str:
    try:
        multiformats.CID.decode(text)
    except (ValueError, LookupError):
        # A LookupError: an unknown base, codec or hash, or a text that ends too early (0.3.1).
        raise ValueError("this is no CID of version 0 or 1") from None
    return text


def _identifier(text: str) -> str:
    """An address in the form of the registration, a username as it is. What is neither matches no account."""
    try:
        return _address(text) if "@" in text else text
    except ValueError:
        return text


Text = Annotated[str, AfterValidator(_plain)]
EmailAddress = Annotated[str, Field(max_length=MAX_EMAIL_LENGTH), AfterValidator(_plain), AfterValidator(_address)]
Identifier = Annotated[
    str, Field(min_length=1, max_length=MAX_EMAIL_LENGTH), AfterValidator(_plain), AfterValidator(_identifier)
]
Username = Annotated[str, StringConstraints(pattern=USERNAME_PATTERN)]
Password = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_plain)]
"""Long enough to be judged by name (`WeakPassword`), short enough to be hashed without worry."""
Code = Annotated[str, StringConstraints(min_length=CODE_LENGTH, max_length=CODE_LENGTH), AfterValidator(_plain)]
FlowId = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_plain)]
Fingerprint = Annotated[str, StringConstraints(min_length=32, max_length=128), AfterValidator(_plain)]
DisplayName = Annotated[str, StringConstraints(min_length=1, max_length=50), AfterValidator(_plain)]
Bio = Annotated[str, StringConstraints(max_length=500), AfterValidator(_plain_lines)]
Cid = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_plain), AfterValidator(_cid)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=255), AfterValidator(_plain)]
Token = Annotated[str, StringConstraints(min_length=0), AfterValidator(_plain)]
"""Of any length: what none of ours can be is a bad token like any other, and no malformed input. It has a bound all
the same, without which pydantic lets half a character through.
"""
ObjectId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
Otp = Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
RecoveryCode = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_plain)]
WalletAddress = Annotated[str, StringConstraints(pattern=r"^0x[0-9a-fA-F]{40}$"), AfterValidator(_wallet_address)]
"""20 bytes; in the spelling of EIP-55 from here on."""
ChainId = Annotated[int, Field(ge=1, lt=2**53)]
SignedMessage = Annotated[str, StringConstraints(min_length=1, max_length=2048), AfterValidator(_plain_lines)]
WalletSignature = Annotated[str, StringConstraints(pattern=r"^(0x)?[0-9a-fA-F]{130}$")]
"""65 bytes: r, s, v."""
UserIdInPath = Annotated[ObjectId, Path()]
AddressInPath = Annotated[WalletAddress, Path()]
Timestamp = Annotated[
    datetime,
    PlainSerializer(format_timestamp, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A time in an answer: always with milliseconds, where pydantic leaves out a fraction of zero."""
