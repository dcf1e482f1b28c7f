"""Leaving, and coming back."""

from api.schemas.envelope import View
from api.schemas.fields import Identifier, Password, Timestamp
from api.schemas.step_up import SecondFactorBody


class ReactivateRequest(SecondFactorBody):
    """The credentials of a sign-in; with a second factor, that too."""

    email_or_username: Identifier
    password: Password


class Deactivated(View):
    """`flow_id` is the secret by which the deletion can be looked at until it is over."""

    deletion_at: Timestamp
    flow_id: str


class Reactivated(View):
    """False for an account that was active anyway."""

    reactivated: bool
