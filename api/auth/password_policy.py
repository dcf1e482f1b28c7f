"""Policy for new passwords."""

from collections.abc import Collection

from adapters.area_resources import AuthResources
from domain.auth.password import is_weak


async def is_password_refused(password: str, resources: AuthResources, context: Collection[str]) -> bool:
    """Whether the password is weak by `is_weak`, or in the breach service where one is configured.

    `context`: account data that a password must not resemble, such as the username.
    """
    return is_weak(
        password, common=resources.auth.password_hasher.common, context=context
    ) or await resources.auth.breached_passwords.contains(password)
