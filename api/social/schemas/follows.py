"""Following and blocking."""

from api.schemas.envelope import Body, View
from api.schemas.fields import ObjectId


class TargetRequest(Body):
    user_id_to: ObjectId


class Changed(View):
    """False: it was so already."""

    changed: bool


class Following(Changed):
    following: bool = True


class Blocking(Changed):
    blocked: bool = True
