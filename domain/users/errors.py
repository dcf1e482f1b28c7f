"""Errors of the users area."""

from domain.errors import DecodeError


class UserNotFound(DecodeError):
    status = 404
    message = "There is no such user."


class LastAdmin(DecodeError):
    status = 409
    message = "This is the last user who can assign roles: name another one first."


class RoleNotFound(DecodeError):
    status = 404
    message = "There is no such role."


class RoleExists(DecodeError):
    status = 409
    message = "There is a role with this name already."


class SystemRole(DecodeError):
    status = 409
    message = "This role is built in and cannot be changed."


class RoleInUse(DecodeError):
    status = 409
    message = "The role is granted to users, or another role includes it."


class RoleCycle(DecodeError):
    status = 409
    message = "The role would include itself."


class RoleTooDeep(DecodeError):
    status = 409
    message = "Roles would include one another over more than ten steps."


class RoleLimit(DecodeError):
    status = 409
    message = "There are as many roles as there can be."


class PermissionNotFound(DecodeError):
    status = 404
    message = "There is no such permission."


class PermissionExists(DecodeError):
    status = 409
    message = "There is a permission with this name already."


class SystemPermission(DecodeError):
    status = 409
    message = "This permission is built in and cannot be deleted."


class PermissionInUse(DecodeError):
    status = 409
    message = "The permission is granted to users, or a role contains it."


class PermissionLimit(DecodeError):
    status = 409
    message = "There are as many permissions as there can be."


class GrantNotFound(DecodeError):
    status = 404
    message = "There is no such grant."


class GrantLimit(DecodeError):
    status = 409
    message = "The user has as many grants as there can be."


class GrantTooWide(DecodeError):
    status = 403
    message = "You cannot give a right that you do not have."
