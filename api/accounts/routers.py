"""Routers of the accounts area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.accounts.routes import (
    account_deletion,
    account_export,
    email_change,
    email_revert,
    registration,
    username_change,
    usernames,
)
from api.accounts.schemas import examples

ROUTERS = (
    usernames.router,
    username_change.router,
    email_change.router,
    email_revert.router,
    registration.router,
    account_deletion.router,
    account_export.router,
)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "username-changes": "Change of a username: a flow with a mailed code.",
    "email-changes": "Change of a mail address: a flow that proves both addresses, and can be taken back.",
    "registration": "Creation of an account: a flow that proves the mail address by a code.",
    "account": "Deactivation and reactivation of an account, and the export of its data.",
}
