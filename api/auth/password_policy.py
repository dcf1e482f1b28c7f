"""Policy for new passwords: the cheap check first, then the breach service, then the hash."""

from collections.abc import Collection

from adapters.area_resources import AuthResources
from domain.auth.errors import WeakPassword
from domain.auth.password import is_weak


def is_password_weak(password: str, resources: AuthResources, context: Collection[str]) -> bool:
    """Whether the password is weak by `is_weak`.

    `context`: account data that a password must not resemble, such as the username.
    """
    return is_weak(password, common=resources.auth.password_hasher.common, context=context)


async def is_password_refused(password: str, resources: AuthResources, context: Collection[str]) -> bool:
    """Whether the password is weak, or in the breach service where one is configured."""
    return is_password_weak(password, resources, context) or await resources.auth.breached_passwords.contains(password)


async def hash_unbreached(password: str, resources: AuthResources) -> str:
    """Return the encoded hash of a password that is not weak.

    Raises WeakPassword if the breach service has it, or Overloaded.
    """
    if await resources.auth.breached_passwords.contains(password):
        raise WeakPassword
    return await resources.auth.password_hasher.hash(password)
