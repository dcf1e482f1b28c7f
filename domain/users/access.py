"""What users may do: their role and their grants, by the roles and permissions of one version."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from domain.users.errors import PermissionNotFound
from domain.users.grants import Grant, GrantKind
from domain.users.permissions import PERMISSIONS, Need, Permission, PermissionSpec
from domain.users.role_graph import RoleDefinition, RoleGraph, Way
from domain.users.users import User


@dataclass(frozen=True)
class Path:
    """How a permission comes to a user. `grant_id`: the grant, None for the account's role. `roles`: the way through
    roles, each includes the next; empty where the permission itself is granted.
    """

    grant_id: str | None
    roles: Way


@dataclass(frozen=True)
class Decision:
    """Whether a user may, and why. `needs`: what the permission asks for besides; none for an unknown name."""

    permission: str
    is_allowed: bool
    because: Sequence[Path]
    needs: Sequence[Need]


@dataclass(frozen=True)
class Access:
    """The roles and permissions of one version. `own_permissions`: those of an app, by name."""

    version: int
    graph: RoleGraph
    own_permissions: Mapping[str, PermissionSpec]

    @cached_property
    def permissions(self) -> Mapping[str, PermissionSpec]:
        """All permissions by name. An app cannot redefine ours."""
        return {**self.own_permissions, **PERMISSIONS}

    @cached_property
    def assigning_roles(self) -> frozenset[str]:
        """The names of roles that let a user assign roles."""
        return frozenset(name for name in self.graph.roles if Permission.ROLES_ASSIGN in self.graph.effective(name))

    def permissions_of(self, user: User, now: datetime) -> frozenset[str]:
        """Return the names of all permissions that the account has at `now`."""
        by_role = self.graph.effective(user.role)
        if not user.grants:
            return by_role
        return by_role.union(*(self.given_by(grant) for grant in user.grants if grant.is_live(now)))

    def permissions_until(self, user: User, until: datetime | None) -> frozenset[str]:
        """Return the names of all permissions that the account keeps up to that moment, None for good."""
        lasting = [self.given_by(grant) for grant in user.grants if grant.lasts(until)]
        return self.graph.effective(user.role).union(*lasting)

    def given_by(self, grant: Grant) -> frozenset[str]:
        """Return what the grant gives while it lasts."""
        return self.graph.effective(grant.name) if grant.kind is GrantKind.ROLE else frozenset({grant.name})

    def contents(self, grant: Grant) -> frozenset[str]:
        """Return all that the grant gives or may give later. Raises RoleNotFound, PermissionNotFound."""
        if grant.kind is GrantKind.ROLE:
            return self.graph.contents(grant.name)
        if grant.name not in self.permissions:
            raise PermissionNotFound
        return frozenset({grant.name})

    def paths_of(self, user: User, now: datetime) -> Mapping[str, Sequence[Path]]:
        """Return how each permission of the account at `now` comes to it: one path for its role and for each grant."""
        paths: dict[str, list[Path]] = {}
        for grant_id, ways in self._sources(user, now):
            for permission, way in ways.items():
                paths.setdefault(permission, []).append(Path(grant_id, way))
        return paths

    def _sources(self, user: User, now: datetime) -> Iterable[tuple[str | None, Mapping[str, Way]]]:
        yield None, self.graph.ways(user.role)
        for grant in user.grants:
            if grant.is_live(now):
                is_role = grant.kind is GrantKind.ROLE
                yield grant.grant_id, self.graph.ways(grant.name) if is_role else {grant.name: ()}

    def decide(self, user: User, names: Sequence[str], now: datetime) -> Sequence[Decision]:
        """Return for each name whether the account has the permission at `now`. An unknown one it has not."""
        sources = list(self._sources(user, now))
        return [
            self._decision(name, [Path(grant_id, ways[name]) for grant_id, ways in sources if name in ways])
            for name in names
        ]

    def _decision(self, name: str, because: Sequence[Path]) -> Decision:
        spec = self.permissions.get(name)
        return Decision(name, bool(because), because, spec.needs if spec else ())

    def with_role(self, role: RoleDefinition) -> "Access":
        """Return the access with this role added or changed. Raises PermissionNotFound and what RoleGraph raises."""
        if role.permissions - self.permissions.keys():
            raise PermissionNotFound
        return self._with([*(each for each in self.custom_roles if each.role_id != role.role_id), role])

    def without_role(self, role: RoleDefinition) -> "Access":
        """Return the access without this role, which no other one includes."""
        return self._with([each for each in self.custom_roles if each.role_id != role.role_id])

    @property
    def custom_roles(self) -> Sequence[RoleDefinition]:
        """An app's own roles."""
        return [role for role in self.graph.roles.values() if not role.is_system]

    def _with(self, custom: Sequence[RoleDefinition]) -> "Access":
        return replace(self, version=self.version + 1, graph=RoleGraph(custom, self.own_permissions))


BUILT_IN_ACCESS = Access(0, RoleGraph(), {})
"""What holds where an app has added nothing."""


def may_change_rights(user: User) -> bool:
    """Whether the account may be one that gives or takes rights: most have no grants and a role that does not."""
    return bool(user.grants) or Permission.ROLES_ASSIGN in BUILT_IN_ACCESS.graph.effective(user.role)


def is_assigner(access: Access, user: User) -> bool:
    """Whether the account can assign roles for good: by its role, or by a grant that does not run out."""
    return Permission.ROLES_ASSIGN in access.permissions_until(user, None)
