"""Routers of the auth area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.auth.routes import (
    api_keys,
    devices,
    identity,
    keys_of_others,
    password,
    password_reset,
    primary_wallet,
    sessions,
    sign_in,
    sso,
    step_up,
    two_factor,
    wallet_sign_in,
    wallets,
)
from api.auth.schemas import examples

ROUTERS = (
    identity.router,
    sessions.router,
    sign_in.router,
    devices.router,
    step_up.router,
    two_factor.router,
    password.router,
    password_reset.router,
    sso.router,
    wallets.router,
    primary_wallet.router,
    wallet_sign_in.router,
    api_keys.router,
    keys_of_others.router,
)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "auth": "Sign-in with password, device code and second factor; step-up; the account behind an access token.",
    "sessions": "Refresh, check and end sessions. Its session token rotates; access tokens are short-lived.",
    "devices": "The devices that an account trusts. Sign-in on any other is proved by a mailed code.",
    "two-factor": "The second factor of an account: one-time passwords (RFC 6238) and recovery codes.",
    "passwords": "Change of the password by its owner, and reset of a forgotten one by a mailed code.",
    "sso": "Tokens that carry a sign-in over to another app.",
    "wallets": "Wallets that an account has proved by a signature (EIP-191), the primary one, and sign-in by wallet.",
    "api-keys": "Keys for programs. Each acts as its owner, within its scopes and never beyond the owner's own rights.",
}
