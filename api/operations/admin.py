"""Makes a user an admin or gives another role, which is how the first one comes about: `python -m
api.operations.admin alice super_admin`.
"""

import argparse
import asyncio
import sys
from datetime import UTC, datetime

from adapters.failures import classify_failure
from adapters.resources import Resources, open_resources
from api.background.graph_sync import GraphSyncTrigger
from config.settings import Settings, SettingsError, load_settings
from domain.username import username_key
from domain.users.errors import LastAdmin, UserNotFound
from domain.users.security_events import BY_OPERATOR, EventKind, SecurityEvent
from domain.users.users import Role

ARTICLES = {Role.ADMIN: "an", Role.EDITOR: "an"}


async def make_admin(resources: Resources, username: str, role: Role = Role.ADMIN) -> str:
    """Give the user the role and return a message for the operator.

    Raises LastAdmin, and UserNotFound also for a deactivated account.
    """
    user_id = await resources.users.users.find_id_by_username(username_key(username))
    if user_id is None:
        raise UserNotFound
    now = datetime.now(UTC)
    event_id = resources.hashes.new_object_id()
    event = SecurityEvent(event_id, user_id, EventKind.ROLE_CHANGED, now, details={"by": BY_OPERATOR})
    user = await resources.users.roles.change(event, role, author=None)
    await resources.auth.session_invalidations.publish_account_changed(user_id)
    await GraphSyncTrigger(resources).trigger(user_id)
    return f"{user.username} is {ARTICLES.get(role, 'a')} {role.replace('_', ' ')}."


async def _run(settings: Settings, username: str, role: Role) -> str:
    # The metrics port is taken by the API on this machine.
    async with open_resources(settings.model_copy(update={"metrics_address": None}), service="api") as resources:
        answer = await make_admin(resources, username, role)
        await resources.intent_waker.wait_until_idle()
        return answer


def main() -> int:
    """Run the command and return its exit code: 0, 1 for a user who is unknown or the last admin or for an outage, 2
    for invalid settings.
    """
    parser = argparse.ArgumentParser(prog="python -m api.operations.admin", description=__doc__)
    parser.add_argument("username")
    parser.add_argument("role", nargs="?", type=Role, choices=list(Role), default=Role.ADMIN)
    typed = parser.parse_args()
    try:
        sys.stdout.write(asyncio.run(_run(load_settings(), typed.username, typed.role)) + "\n")
    except SettingsError as error:
        return _refuse(str(error), 2)
    except UserNotFound:
        return _refuse(f"There is no active account with the username {typed.username!r}.", 1)
    except LastAdmin as error:
        return _refuse(error.message, 1)
    except Exception as error:
        failure = classify_failure(error)
        if failure is None:
            raise
        return _refuse(f"{failure.dependency} does not answer. Try again: doing it twice does no harm.", 1)
    return 0


def _refuse(sentence: str, code: int) -> int:
    sys.stderr.write(sentence + "\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
