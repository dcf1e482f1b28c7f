"""Permissions: what a route may ask of its caller, as `resource:action`. Scopes of API keys are the same names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


# Names of the permissions that our routes ask for. No docstrings on the enums here: Pydantic shows them.
class Permission(StrEnum):
    ACCOUNT_READ = "account:read"
    ACCOUNT_MANAGE = "account:manage"
    PROFILE_READ = "profile:read"
    PROFILE_UPDATE = "profile:update"
    USERS_READ = "users:read"
    RELATIONSHIPS_READ = "relationships:read"
    RELATIONSHIPS_WRITE = "relationships:write"
    INTERESTS_READ = "interests:read"
    INTERESTS_WRITE = "interests:write"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    ASSISTANT_READ = "assistant:read"
    ASSISTANT_WRITE = "assistant:write"
    WALLETS_READ = "wallets:read"
    WALLETS_MANAGE = "wallets:manage"
    SNAPSHOTS_READ = "snapshots:read"
    SNAPSHOTS_TRIGGER = "snapshots:trigger"
    ROLES_READ = "roles:read"
    ROLES_CREATE = "roles:create"
    ROLES_UPDATE = "roles:update"
    ROLES_DELETE = "roles:delete"
    ROLES_ASSIGN = "roles:assign"
    PERMISSIONS_READ = "permissions:read"
    PERMISSIONS_MANAGE = "permissions:manage"
    PERMISSIONS_GRANT = "permissions:grant"
    PERMISSIONS_REVOKE = "permissions:revoke"
    KEYS_READ = "keys:read"
    KEYS_REVOKE = "keys:revoke"
    AUDIT_SELF = "audit:self"
    AUDIT_READ = "audit:read"
    AUDIT_VERIFY = "audit:verify"
    AUDIT_EXPORT = "audit:export"
    SYSTEM_READ = "system:read"
    SYSTEM_CONFIGURE = "system:configure"


# What a permission needs besides: a session on its own trusted device, a proof of the last ten minutes, an account
# with a second factor.
class Need(StrEnum):
    DEVICE = "device"
    STEP_UP = "step_up"
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True)
class PermissionSpec:
    """A permission. `needs`: of the routes that ask for it. `is_scope`: whether an API key may have it."""

    name: str
    description: str
    needs: Sequence[Need] = ()
    is_scope: bool = False


def _scope(name: Permission, description: str) -> PermissionSpec:
    return PermissionSpec(name, description, is_scope=True)


def _guarded(name: Permission, description: str) -> PermissionSpec:
    return PermissionSpec(name, description, needs=(Need.STEP_UP,))


PERMISSIONS: Mapping[str, PermissionSpec] = {
    spec.name: spec
    for spec in (
        PermissionSpec(Permission.ACCOUNT_READ, "See one's own sessions, devices, events and settings."),
        PermissionSpec(Permission.ACCOUNT_MANAGE, "Change one's own account: password, devices, keys, leaving."),
        _scope(Permission.PROFILE_READ, "Read one's own profile."),
        _scope(Permission.PROFILE_UPDATE, "Change one's own profile."),
        _scope(Permission.USERS_READ, "Find users and read their profiles."),
        _scope(Permission.RELATIONSHIPS_READ, "Read lists of followers, followings and blocked users."),
        _scope(Permission.RELATIONSHIPS_WRITE, "Follow, unfollow, block and unblock."),
        _scope(Permission.INTERESTS_READ, "Read interests, and suggestions of users."),
        _scope(Permission.INTERESTS_WRITE, "Change interests, and dismiss suggestions."),
        _scope(Permission.NOTIFICATIONS_READ, "Read notifications, also as they come."),
        _scope(Permission.NOTIFICATIONS_WRITE, "Mark notifications as read."),
        _scope(Permission.ASSISTANT_READ, "Read chats with the assistant, also as it answers."),
        _scope(Permission.ASSISTANT_WRITE, "Talk to the assistant, and call its tools."),
        _scope(Permission.WALLETS_READ, "Read linked wallets."),
        PermissionSpec(Permission.WALLETS_MANAGE, "Link and unlink wallets."),
        _scope(Permission.SNAPSHOTS_READ, "Read the growth of other users' followers."),
        PermissionSpec(Permission.SNAPSHOTS_TRIGGER, "Start snapshots of all followers."),
        _scope(Permission.ROLES_READ, "Read roles, and what users may do."),
        _guarded(Permission.ROLES_CREATE, "Create roles."),
        _guarded(Permission.ROLES_UPDATE, "Change roles."),
        _guarded(Permission.ROLES_DELETE, "Delete roles."),
        _guarded(Permission.ROLES_ASSIGN, "Give roles to users and take them."),
        _scope(Permission.PERMISSIONS_READ, "Read the list of permissions."),
        _guarded(Permission.PERMISSIONS_MANAGE, "Create and delete an app's own permissions."),
        _guarded(Permission.PERMISSIONS_GRANT, "Give single permissions to users."),
        _guarded(Permission.PERMISSIONS_REVOKE, "Take single permissions from users."),
        _scope(Permission.KEYS_READ, "See the API keys of other users, without their secrets."),
        _guarded(Permission.KEYS_REVOKE, "Revoke API keys of other users."),
        _scope(Permission.AUDIT_SELF, "Read the journal's entries about oneself."),
        _scope(Permission.AUDIT_READ, "Search the journal. Each reading is recorded."),
        _guarded(Permission.AUDIT_VERIFY, "Have the journal verified."),
        _guarded(Permission.AUDIT_EXPORT, "Export the journal."),
        _scope(Permission.SYSTEM_READ, "See the state of servers and reports on the graph."),
        PermissionSpec(
            Permission.SYSTEM_CONFIGURE,
            "Change how the system works.",
            needs=(Need.STEP_UP, Need.SECOND_FACTOR),
        ),
    )
}
"""Our own permissions by name. An app adds others, which its own services ask for."""
