"""What a user may do, and the grants that give more than the account's role."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator

from api.schemas.envelope import Body, View
from api.schemas.fields import ObjectId, Phrase, Text, Timestamp
from api.schemas.step_up import StepUpBody
from api.users.schemas.permissions import PermissionName
from api.users.schemas.role_definitions import RoleName
from domain.users.access import Decision
from domain.users.access import Path as AccessPath
from domain.users.grants import MAX_REASON_LENGTH, Grant, GrantKind
from domain.users.permissions import Need
from domain.users.users import Role

MAX_QUESTIONS = 50

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT")


def _written(value: object) -> object:
    if not isinstance(value, str) or not _WRITTEN.match(value):
        raise ValueError("write a time as 2026-01-31T09:30:00Z")
    return value


Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_written)]
"""Written out: pydantic would take a number for a time too."""


Question = Annotated[Text, StringConstraints(min_length=1, max_length=100)]
"""The name of a permission. One that there is not is answered like one that the user lacks."""


class NewGrant(StepUpBody):
    """Either a role or a permission, by name. Without `until` it lasts until it is taken."""

    role: RoleName | None = None
    permission: PermissionName | None = None
    until: Moment | None = None
    reason: Annotated[Phrase, StringConstraints(max_length=MAX_REASON_LENGTH)]

    @model_validator(mode="after")
    def _one(self) -> "NewGrant":
        if (self.role is None) is (self.permission is None):
            raise ValueError("name either a role or a permission")
        return self


class GrantView(View):
    """`until`: null if it lasts until it is taken. `by`: the id of the user who gave it."""

    grant_id: str = Field(validation_alias="_id", serialization_alias="_id")
    kind: GrantKind
    name: str
    until: Timestamp | None
    reason: str
    by: str
    at: Timestamp

    @classmethod
    def of(cls, grant: Grant) -> "GrantView":
        return cls.model_validate(grant, from_attributes=True)


class PathView(View):
    """How a permission comes to a user. `grant_id`: the grant, null for the account's role. `roles`: each includes the
    next; empty where the permission itself is granted.
    """

    grant_id: str | None
    roles: list[str]

    @classmethod
    def of(cls, path: AccessPath) -> "PathView":
        return cls(grant_id=path.grant_id, roles=list(path.roles))


class EffectivePermission(View):
    permission: str
    by: list[PathView]


class AccessView(View):
    """`grants`: also those that have run out, until they are removed. `version`: of roles and permissions."""

    role: Role
    grants: list[GrantView]
    effective: list[EffectivePermission]
    version: int

    @classmethod
    def of(
        cls, role: Role, grants: Sequence[Grant], paths: Mapping[str, Sequence[AccessPath]], version: int
    ) -> "AccessView":
        effective = [
            EffectivePermission(permission=permission, by=[PathView.of(path) for path in paths[permission]])
            for permission in sorted(paths)
        ]
        return cls(role=role, grants=[GrantView.of(grant) for grant in grants], effective=effective, version=version)


class Questions(Body):
    """Without `user_id` they are about the caller."""

    user_id: ObjectId | None = None
    permissions: Annotated[list[Question], Field(min_length=1, max_length=MAX_QUESTIONS)]


class DecisionView(View):
    """`because`: a path for the role and for each grant that gives it. `needs`: what its routes ask for besides."""

    permission: str
    allowed: bool
    because: list[PathView]
    needs: list[Need]

    @classmethod
    def of(cls, decision: Decision) -> "DecisionView":
        return cls(
            permission=decision.permission,
            allowed=decision.is_allowed,
            because=[PathView.of(path) for path in decision.because],
            needs=list(decision.needs),
        )


class Decisions(View):
    decisions: list[DecisionView]
