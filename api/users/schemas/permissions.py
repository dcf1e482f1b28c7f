"""Permissions: ours, and those of an app."""

from typing import Annotated

from fastapi import Path
from pydantic import Field, StringConstraints

from api.schemas.envelope import View
from api.schemas.fields import Phrase
from api.schemas.step_up import StepUpBody
from domain.users.permissions import PERMISSIONS, Need, PermissionSpec

PermissionName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}:[a-z][a-z0-9_]{0,39}$")]
PermissionNameInPath = Annotated[PermissionName, Path()]


class NewPermission(StepUpBody):
    """A permission that an app's own services ask for. `needs`: what they ask for besides."""

    name: PermissionName
    description: Annotated[Phrase, StringConstraints(max_length=300)]
    needs: Annotated[list[Annotated[Need, Field(strict=False)]], Field(max_length=len(Need))]


class PermissionView(View):
    """`is_scope`: whether an API key may have it. `is_system`: whether it is built in."""

    name: str
    description: str
    needs: list[Need]
    is_scope: bool
    is_system: bool

    @classmethod
    def of(cls, spec: PermissionSpec) -> "PermissionView":
        return cls(
            name=spec.name,
            description=spec.description,
            needs=list(spec.needs),
            is_scope=spec.is_scope,
            is_system=spec.name in PERMISSIONS,
        )


class PermissionList(View):
    permissions: list[PermissionView]
