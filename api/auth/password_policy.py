"""Which new passwords are refused."""

from collections.abc import Collection

from adapters.area_resources import AuthResources
from domain.auth.password import is_weak


async def is_password_refused(password: str, resources: AuthResources, context: Collection[str]) -> bool:
    """Weak by our own rules, or known from a breach where that is asked. `context`: words close to the account."""
    return is_weak(
        password, common=resources.auth.password_hasher.common, context=context
    ) or await resources.auth.breached_passwords.contains(password)
