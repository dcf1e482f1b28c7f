"""What the refusal of a mail says of its recipient: by its enhanced code (RFC 3463), else by its code (RFC 5321).

| stage | reply | the mail | the account |
|---|---|---|---|
| RCPT, DATA, end of the content | 5xx with 5.1.x or 5.2.1 | bounced | flagged |
| the same | 5xx with 5.1.7 or 5.1.8: the sender is refused | tried again | |
| RCPT | 550, 551, 553, 556 without an enhanced code | bounced | flagged |
| any | every other 5xx: policy, quota, size, spam | tried again | |
| any | 4xx | tried again | |
| greeting, EHLO, STARTTLS, AUTH, MAIL | any refusal: it is of our server or sender | tried again | |

RFC 5321 §4.2.1 calls every 5xx permanent, but a quota, a block list or a filter can be mended within days, and says
nothing of the account. Tried again means: within the mail's own time (`workflows/delivery/mail.py`).
"""

import re

_ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\S)")
_BAD_ADDRESS = re.compile(r"5\.(1\.\d+|2\.1)")
_BAD_SENDER = frozenset({"5.1.7", "5.1.8"})
"""Postfix refuses a sender only after RCPT (`smtpd_delay_reject`)."""
_NO_SUCH_MAILBOX = frozenset({550, 551, 553, 556})
"""556: the domain takes no mail (RFC 7504)."""
_PERMANENT = range(500, 600)


def enhanced_code(text: str) -> str:
    """Return the code of RFC 3463 that the text of a reply begins with (RFC 2034 §4); empty if there is none."""
    found = _ENHANCED_CODE.match(text)
    return found[0] if found else ""


def is_bad_address(code: int, text: str, *, to_recipient: bool) -> bool:
    """Whether a refusal says that the recipient's address takes no mail. `to_recipient`: it is the reply to RCPT.

    Not for a refusal before RCPT. False: the mail is worth another attempt.
    """
    enhanced = enhanced_code(text)
    if not enhanced:
        return to_recipient and code in _NO_SUCH_MAILBOX
    is_about_address = _BAD_ADDRESS.fullmatch(enhanced) is not None and enhanced not in _BAD_SENDER
    return code in _PERMANENT and is_about_address
