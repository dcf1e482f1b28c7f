"""Roles that are built in: each includes all that the one before may do."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.users.permissions import Permission
from domain.users.users import Role


@dataclass(frozen=True)
class BuiltInRole:
    """A role that cannot be changed. `parent`: the role that it includes. `permissions`: what it adds."""

    name: Role
    display_name: str
    description: str
    parent: Role | None
    permissions: frozenset[Permission]


BUILT_IN_ROLES: Mapping[Role, BuiltInRole] = {
    role.name: role
    for role in (
        BuiltInRole(
            Role.GUEST,
            "Guest",
            "Looks around, and manages the own account.",
            None,
            frozenset(
                {
                    Permission.ACCOUNT_READ,
                    Permission.ACCOUNT_MANAGE,
                    Permission.PROFILE_READ,
                    Permission.USERS_READ,
                    Permission.RELATIONSHIPS_READ,
                    Permission.INTERESTS_READ,
                    Permission.NOTIFICATIONS_READ,
                    Permission.NOTIFICATIONS_WRITE,
                    Permission.WALLETS_READ,
                    Permission.AUDIT_SELF,
                }
            ),
        ),
        BuiltInRole(
            Role.USER,
            "User",
            "Takes part: has a profile, follows and blocks. The role of a new account.",
            Role.GUEST,
            frozenset(
                {
                    Permission.PROFILE_UPDATE,
                    Permission.RELATIONSHIPS_WRITE,
                    Permission.INTERESTS_WRITE,
                    Permission.ASSISTANT_READ,
                    Permission.ASSISTANT_WRITE,
                    Permission.WALLETS_MANAGE,
                }
            ),
        ),
        BuiltInRole(Role.EDITOR, "Editor", "Writes for others. Areas add their rights.", Role.USER, frozenset()),
        BuiltInRole(
            Role.MODERATOR, "Moderator", "Looks after users. Areas add their rights.", Role.EDITOR, frozenset()
        ),
        BuiltInRole(
            Role.ADMIN,
            "Admin",
            "Gives and takes rights, reads the journal, sees the system.",
            Role.MODERATOR,
            frozenset(
                {
                    Permission.SNAPSHOTS_READ,
                    Permission.SNAPSHOTS_TRIGGER,
                    Permission.ROLES_READ,
                    Permission.ROLES_CREATE,
                    Permission.ROLES_UPDATE,
                    Permission.ROLES_DELETE,
                    Permission.ROLES_ASSIGN,
                    Permission.PERMISSIONS_READ,
                    Permission.PERMISSIONS_MANAGE,
                    Permission.PERMISSIONS_GRANT,
                    Permission.PERMISSIONS_REVOKE,
                    Permission.KEYS_READ,
                    Permission.KEYS_REVOKE,
                    Permission.AUDIT_READ,
                    Permission.AUDIT_VERIFY,
                    Permission.AUDIT_EXPORT,
                    Permission.SYSTEM_READ,
                }
            ),
        ),
        BuiltInRole(
            Role.SUPER_ADMIN,
            "Super admin",
            "Also changes how the system works.",
            Role.ADMIN,
            frozenset({Permission.SYSTEM_CONFIGURE}),
        ),
    )
}
