"""Consent as its user sees it."""

from api.schemas.envelope import View
from api.schemas.fields import Timestamp


class Consent(View):
    """`given_at`: null without a consent."""

    given_at: Timestamp | None
