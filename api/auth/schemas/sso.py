"""Carrying a sign-in over to another app."""

from api.schemas.envelope import Body, View
from api.schemas.fields import AppName, Token


class CreateSsoTokenRequest(Body):
    app: AppName


class ValidateSsoTokenRequest(Body):
    sso_token: Token
    app: AppName


class SsoOrigin(View):
    """The session that made a token, and its epoch then: what a ticket holds. `epoch` is None in one older than it."""

    session_id: str
    epoch: int | None = None


class SsoTokenView(View):
    sso_token: str
    expires_in: int
