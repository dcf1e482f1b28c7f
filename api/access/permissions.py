"""The names that permits are stated with. Routes of areas below users, which defines them, take them from here."""

from domain.users.permissions import Need as Need
from domain.users.permissions import Permission as Permission
