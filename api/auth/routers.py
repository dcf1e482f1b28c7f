"""Routers of the auth area. Routes are matched in this order: those with the most requests come first."""

from api.auth.routes import (
    devices,
    identity,
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
)
