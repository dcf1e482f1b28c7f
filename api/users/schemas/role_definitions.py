"""Roles: what they include and add, and what comes of it."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path
from pydantic import Field, StringConstraints

from api.schemas.envelope import View
from api.schemas.fields import DisplayName, Text
from api.schemas.step_up import StepUpBody
from api.users.schemas.permissions import PermissionName
from domain.users.access import Access
from domain.users.role_graph import MAX_PARENTS, MAX_PERMISSIONS, RoleDefinition

MAX_DESCRIPTION_LENGTH = 300

RoleName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
RoleIdInPath = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9_]{2,40}$"),
    Path(description="The name of a built-in role, or the id of another one."),
]
Description = Annotated[Text, StringConstraints(max_length=MAX_DESCRIPTION_LENGTH)]
Parents = Annotated[list[RoleName], Field(max_length=MAX_PARENTS)]
Permissions = Annotated[list[PermissionName], Field(max_length=MAX_PERMISSIONS)]


class RoleContents(StepUpBody):
    """`parents`: names of the roles that this one includes. `permissions`: names of what it adds."""

    display_name: DisplayName
    description: Description
    parents: Parents
    permissions: Permissions
    is_active: bool

    def applied_to(self, role: RoleDefinition) -> RoleDefinition:
        """Return the role with these contents, its name and id kept."""
        return replace(
            role,
            display_name=self.display_name,
            description=self.description,
            parents=frozenset(self.parents),
            permissions=frozenset(self.permissions),
            is_active=self.is_active,
        )


class NewRole(RoleContents):
    """The name stays: grants and other roles refer to it."""

    name: RoleName

    def definition(self, role_id: str) -> RoleDefinition:
        """Return the role as a new one."""
        return self.applied_to(RoleDefinition(role_id, self.name, "", "", frozenset(), frozenset()))


class RolePermissions(StepUpBody):
    permissions: Annotated[list[PermissionName], Field(min_length=1, max_length=MAX_PERMISSIONS)]


class RoleView(View):
    """`effective`: all that the role gives now. `level`: how many roles its longest chain has; it decides nothing.
    `holders`: how many accounts have it, as their role or by a grant.
    """

    role_id: str = Field(validation_alias="_id", serialization_alias="_id")
    name: str
    display_name: str
    description: str
    parents: list[str]
    permissions: list[str]
    effective: list[str]
    level: int
    is_system: bool
    is_active: bool
    holders: int

    @classmethod
    def of(cls, role: RoleDefinition, access: Access, holders: int) -> "RoleView":
        return cls(
            role_id=role.role_id,
            name=role.name,
            display_name=role.display_name,
            description=role.description,
            parents=sorted(role.parents),
            permissions=sorted(role.permissions),
            effective=sorted(access.graph.effective(role.name)),
            level=access.graph.level(role.name),
            is_system=role.is_system,
            is_active=role.is_active,
            holders=holders,
        )


class RoleList(View):
    roles: list[RoleView]
