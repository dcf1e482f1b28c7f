"""Roles over roles: what each contains, and by which way. Rights are additive: a role adds to what it includes, and
none takes away. Compiled once for each version of the roles.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from domain.users.errors import RoleCycle, RoleLimit, RoleNotFound, RoleTooDeep
from domain.users.roles import BUILT_IN_ROLES, BuiltInRole
from domain.users.users import Role

MAX_ROLES = 200
MAX_DEPTH = 10
MAX_PARENTS = 10
MAX_PERMISSIONS = 200

Way = tuple[str, ...]
"""Names of roles: each includes the next, and the last one contains the permission."""


@dataclass(frozen=True)
class RoleDefinition:
    """A role, built in or an app's own. `parents`: names of the roles that it includes. `permissions`: what it adds.

    A role that is not active gives nothing, nor does what it includes come through it.
    """

    role_id: str
    name: str
    display_name: str
    description: str
    parents: frozenset[str]
    permissions: frozenset[str]
    is_active: bool = True
    is_system: bool = False


class RoleGraph:
    """The built-in roles and an app's own. `own_permissions`: an app's own, which admins have from their creation."""

    def __init__(self, custom: Iterable[RoleDefinition] = (), own_permissions: Iterable[str] = ()) -> None:
        """Compile the roles. Raises RoleLimit, RoleNotFound for an unknown parent, RoleCycle, RoleTooDeep."""
        own = frozenset(own_permissions)
        self.roles = {role.name: role for role in (*_built_in(own), *custom)}
        if len(self.roles) > MAX_ROLES:
            raise RoleLimit
        self._contents: dict[str, frozenset[str]] = {}
        self._effective: dict[str, frozenset[str]] = {}
        self._levels: dict[str, int] = {}
        self._ways: dict[str, Mapping[str, Way]] = {}
        for name in _parents_first(self.roles):
            self._compile(self.roles[name])

    def _compile(self, role: RoleDefinition) -> None:
        parents = role.parents
        effective = role.permissions.union(*(self._effective[parent] for parent in parents))
        self._contents[role.name] = role.permissions.union(*(self._contents[parent] for parent in parents))
        self._effective[role.name] = effective if role.is_active else frozenset()
        self._levels[role.name] = 1 + max((self._levels[parent] for parent in parents), default=0)
        if self._levels[role.name] > MAX_DEPTH:
            raise RoleTooDeep

    def find(self, role_id: str) -> RoleDefinition | None:
        """Return the role with this id: a built-in role has its name as its id."""
        return next((role for role in self.roles.values() if role.role_id == role_id), None)

    def effective(self, name: str) -> frozenset[str]:
        """Return the permissions that the role gives now. A name without a role gives none."""
        return self._effective.get(name, frozenset())

    def contents(self, name: str) -> frozenset[str]:
        """Return all that the role gives or would give if it and all that it includes were active.

        Raises RoleNotFound.
        """
        if name not in self._contents:
            raise RoleNotFound
        return self._contents[name]

    def level(self, name: str) -> int:
        """Return how many roles the longest chain below the role has, itself counted."""
        return self._levels[name]

    def ways(self, name: str) -> Mapping[str, Way]:
        """Return the shortest way from the role to each permission that it gives now."""
        if name not in self._ways:
            self._ways[name] = self._find_ways(name)
        return self._ways[name]

    def _find_ways(self, name: str) -> Mapping[str, Way]:
        ways: dict[str, Way] = {}
        seen, queue = {name}, deque[Way]([(name,)])
        while queue:
            way = queue.popleft()
            role = self.roles.get(way[-1])
            if role is None or not role.is_active:
                continue
            ways = dict.fromkeys(sorted(role.permissions), way) | ways
            new = sorted(role.parents - seen)
            seen.update(new)
            queue.extend((*way, parent) for parent in new)
        return ways


def _built_in(own_permissions: frozenset[str]) -> Iterator[RoleDefinition]:
    for role in BUILT_IN_ROLES.values():
        yield _definition(role, own_permissions if role.name is Role.ADMIN else frozenset())


def _definition(role: BuiltInRole, own_permissions: frozenset[str]) -> RoleDefinition:
    return RoleDefinition(
        role_id=role.name.value,
        name=role.name.value,
        display_name=role.display_name,
        description=role.description,
        parents=frozenset({role.parent.value} if role.parent else ()),
        permissions=frozenset(permission.value for permission in role.permissions) | own_permissions,
        is_system=True,
    )


def _parents_first(roles: Mapping[str, RoleDefinition]) -> Sequence[str]:
    """Return the names so that a role follows all that it includes. Raises RoleNotFound, RoleCycle."""
    if any(role.parents - roles.keys() for role in roles.values()):
        raise RoleNotFound
    try:
        return list(TopologicalSorter({role.name: role.parents for role in roles.values()}).static_order())
    except CycleError:
        raise RoleCycle from None
