"""Carrying a sign-in over to another app."""

from api.schemas.envelope import Body, View
from api.schemas.fields import Label, Token


class CreateSsoTokenRequest(Body):
    app: Label


class ValidateSsoTokenRequest(Body):
    sso_token: Token
    app: Label


class SsoOrigin(View):
    """The session that made a token: what a ticket holds."""

    session_id: str


class SsoTokenView(View):
    sso_token: str
    expires_in: int
