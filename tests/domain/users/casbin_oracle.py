"""Random roles, users and grants, and what pycasbin says of them. `python -m tests.domain.users.casbin_oracle 10000`
compares so many with ours and ends with a line for each difference.
"""

import logging
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import casbin

from domain.users.access import Access
from domain.users.grants import Grant, GrantKind
from domain.users.permissions import Permission, PermissionSpec
from domain.users.role_graph import RoleDefinition, RoleGraph
from domain.users.users import Role, User
from tests.support.builders import NOW

MODEL = """
[request_definition]
r = sub, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.sub) && r.act == p.act
"""
OWN = [f"orders:do_{number}" for number in range(8)]
NAMES = [*OWN, Permission.ROLES_ASSIGN, Permission.AUDIT_READ]
ME = "me"


@dataclass(frozen=True)
class Case:
    """One user among random roles, of which each includes others made before it."""

    access: Access
    user: User


def random_case(seed: int) -> Case:
    dice = random.Random(seed)  # noqa: S311 - a sample, no secret
    roles = list(_roles(dice))
    graph = RoleGraph(roles, OWN)
    access = Access(1, graph, {name: PermissionSpec(name, "") for name in OWN})
    grants = tuple(_grant(dice, number, [role.name for role in roles]) for number in range(dice.randrange(6)))
    role = dice.choice(list(Role))
    return Case(access, User(ME, "a", "a@example.com", "A", "", None, role, True, 0, None, NOW, NOW, (), grants))


def _roles(dice: random.Random) -> Iterator[RoleDefinition]:
    """Each three levels above a built-in role at most, so that none is too deep."""
    layers: list[list[str]] = [list(Role)]
    for number in range(dice.randrange(1, 16)):
        layer = dice.randrange(1, min(len(layers), 3) + 1)
        below = [name for names in layers[:layer] for name in names]
        name = f"r{number}"
        layers += [[]] if layer == len(layers) else []
        layers[layer].append(name)
        parents = frozenset(dice.sample(below, dice.randrange(min(4, len(below)))))
        permissions = frozenset(dice.sample(NAMES, dice.randrange(4)))
        yield RoleDefinition(name, name, name, "", parents, permissions, is_active=dice.random() < 0.8)


def _grant(dice: random.Random, number: int, roles: Sequence[str]) -> Grant:
    kind = dice.choice(list(GrantKind))
    name = dice.choice(roles if kind is GrantKind.ROLE else NAMES)
    until = dice.choice([None, NOW + timedelta(seconds=1), NOW])
    return Grant(f"{number}", kind, name, until, "", ME, NOW)


def ours(case: Case) -> set[str]:
    return set(case.access.permissions_of(case.user, NOW))


def casbins(case: Case) -> set[str]:
    """What pycasbin allows the user, of all permissions that there are."""
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=MODEL))
    active = [role for role in case.access.graph.roles.values() if role.is_active]
    live = [grant for grant in case.user.grants if grant.is_live(NOW)]
    own = [grant.name for grant in live if grant.kind is GrantKind.ROLE] + [str(case.user.role)]
    enforcer.add_policies([[role.name, str(name)] for role in active for name in role.permissions])
    enforcer.add_policies([[ME, str(grant.name)] for grant in live if grant.kind is GrantKind.PERMISSION])
    enforcer.add_grouping_policies([[role.name, str(parent)] for role in active for parent in role.parents])
    enforcer.add_grouping_policies([[ME, name] for name in dict.fromkeys(own)])
    return {str(name) for name in case.access.permissions if enforcer.enforce(ME, str(name))}


def false_paths(case: Case) -> list[tuple[str, object]]:
    """Paths that do not lead where they say: each role includes the next, and the last one adds the permission."""
    roles = case.access.graph.roles
    return [
        (permission, path)
        for permission, paths in case.access.paths_of(case.user, NOW).items()
        for path in paths
        if path.roles
        and not (
            permission in roles[path.roles[-1]].permissions
            and all(below in roles[above].parents for above, below in zip(path.roles, path.roles[1:], strict=False))
        )
    ]


def difference(seed: int) -> str | None:
    """What our answers and pycasbin's do not agree on, if anything."""
    case = random_case(seed)
    apart = ours(case) ^ casbins(case)
    explained = ours(case) ^ case.access.paths_of(case.user, NOW).keys()
    wrong = [*apart, *explained, *false_paths(case)]
    return f"{seed}: {wrong}" if wrong else None


def main(count: int) -> int:
    logging.disable(logging.INFO)
    found = [text for seed in range(count) if (text := difference(seed))]
    sys.stdout.write("".join(f"{text}\n" for text in found) + f"{count} graphs, {len(found)} differences\n")
    return len(found) > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
