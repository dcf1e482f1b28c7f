"""Routers of the accounts area. Routes are matched in this order: those with the most requests come first."""

from api.accounts.routes import (
    account_deletion,
    account_export,
    email_change,
    email_revert,
    registration,
    username_change,
    usernames,
)

ROUTERS = (
    usernames.router,
    username_change.router,
    email_change.router,
    email_revert.router,
    registration.router,
    account_deletion.router,
    account_export.router,
)
