"""What happened to my account."""

from fastapi import APIRouter, Response

from api.answers import answer
from api.deps import DeviceCaller, Resources
from api.errors import DEVICE_ERRORS, problems
from api.limits import device_std
from api.schemas.envelope import Answer
from api.schemas.paging import Meta, Paging
from api.schemas.security_events import SecurityEventPage, SecurityEventView
from domain.errors import InvalidInput
from domain.paging import parse_cursor

router = APIRouter(prefix="/auth/security-events", tags=["security-events"])


@router.get(
    "",
    dependencies=[device_std],
    response_model=Answer[SecurityEventPage],
    responses=problems(*DEVICE_ERRORS, InvalidInput),
)
async def security_events(caller: DeviceCaller, resources: Resources, paging: Paging) -> Response:
    """Newest first: sign-ins, changes of password, devices and second factor, and what was suspicious."""
    after = parse_cursor(paging.cursor) if paging.cursor else None
    skip = paging.page * paging.limit
    page = await resources.security_events.page(caller.user.user_id, skip=skip, after=after, limit=paging.limit)
    meta = Meta(
        total=page.total,
        page=paging.page,
        limit=paging.limit,
        is_last_page=page.next_cursor is None,
        next_cursor=page.next_cursor,
    )
    events = [SecurityEventView.of(event) for event in page.rows]
    return answer(SecurityEventPage(events=events, meta=meta), "Security events found")
