"""Whether a username can be had."""

from api.schemas.envelope import View


class NameAvailability(View):
    """`reason`, where the name is not available: `reserved` or `taken`."""

    available: bool
    reason: str | None = None
