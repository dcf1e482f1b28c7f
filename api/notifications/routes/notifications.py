"""What I was told inside the app: the list, what is read of it, and a ticket for a browser's WebSocket."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.route_limits import caller_std
from api.deps import Caller, Hashes, Now, OnceOfToken
from api.http.errors import CALLER_ERRORS, problems
from api.http.responses import answer
from api.notifications.deps import Gateway, Resources
from api.notifications.schemas.notifications import (
    ChangedCount,
    NotificationPage,
    NotificationPaging,
    NotificationView,
    SocketTicket,
    UnreadCount,
)
from api.schemas.envelope import Answer, NoFields
from api.schemas.fields import ObjectId
from api.schemas.paging import Meta
from domain.errors import IdempotencyKeyReused
from domain.notifications.errors import NotificationNotFound
from domain.notifications.notifications import TICKET_LIFE, TICKET_PURPOSE
from domain.paging import parse_number

router = APIRouter(prefix="/notifications", tags=["notifications"])

NotificationId = Annotated[ObjectId, Path()]


@router.get("", dependencies=[caller_std], response_model=Answer[NotificationPage], responses=problems(*CALLER_ERRORS))
async def notifications(caller: Caller, resources: Resources, paging: NotificationPaging) -> Response:
    """Newest first; with `unread=true` only those that are not read."""
    before = parse_number(paging.cursor) if paging.cursor else None
    page = await resources.notifications.notifications.page(
        caller.user.user_id,
        skip=paging.page * paging.limit,
        before=before,
        limit=paging.limit,
        unread_only=paging.unread,
    )
    meta = Meta(
        total=page.total,
        page=paging.page,
        limit=paging.limit,
        is_last_page=page.next_cursor is None,
        next_cursor=page.next_cursor,
    )
    rows = [NotificationView.of(each) for each in page.rows]
    return answer(NotificationPage(notifications=rows, meta=meta), "Notifications found")


@router.get(
    "/unread/count", dependencies=[caller_std], response_model=Answer[UnreadCount], responses=problems(*CALLER_ERRORS)
)
async def unread_count(caller: Caller, resources: Resources) -> Response:
    """How many are not read."""
    count = await resources.notifications.notifications.count_unread(caller.user.user_id)
    return answer(UnreadCount(count=count), "Unread notifications counted")


@router.patch(
    "/read-all",
    dependencies=[caller_std],
    response_model=Answer[ChangedCount],
    responses=problems(*CALLER_ERRORS, has_body=True),
)
async def read_all(
    caller: Caller, resources: Resources, gateway: Gateway, now: Now, body: NoFields | None = None
) -> Response:
    """Mark all as read. The person's open sockets are told."""
    changed = await resources.notifications.notifications.mark_all_read(caller.user.user_id, now)
    if changed:
        await gateway.tell_read(caller.user.user_id, now)
    return answer(ChangedCount(changed=changed), "Notifications read")


@router.post(
    "/{notification_id}/read",
    dependencies=[caller_std],
    response_model=Answer[NotificationView],
    responses=problems(*CALLER_ERRORS, NotificationNotFound, has_body=True),
)
@router.patch(
    "/{notification_id}/read",
    dependencies=[caller_std],
    response_model=Answer[NotificationView],
    responses=problems(*CALLER_ERRORS, NotificationNotFound, has_body=True),
)
async def read(
    notification_id: NotificationId,
    caller: Caller,
    resources: Resources,
    gateway: Gateway,
    now: Now,
    body: NoFields | None = None,
) -> Response:
    """Mark one as read. It keeps the time at which it was read first; the person's open sockets are told then."""
    notification = await resources.notifications.notifications.mark_read(caller.user.user_id, notification_id, now)
    if notification is None:
        raise NotificationNotFound
    if notification.read_at == now:
        await gateway.tell_read(caller.user.user_id, now)
    return answer(NotificationView.of(notification), "Notification read")


@router.post(
    "/ticket",
    dependencies=[caller_std],
    status_code=201,
    response_model=Answer[SocketTicket],
    responses=problems(*CALLER_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def ticket(
    caller: Caller,
    resources: Resources,
    hashes: Hashes,
    now: Now,
    once: OnceOfToken,
    body: NoFields | None = None,
) -> Response:
    """A secret that opens one WebSocket within 30 seconds, for browsers, which cannot send a header with it."""
    secret = hashes.new_ticket(once.request)

    async def put() -> NoFields:
        await resources.auth.tickets.put(
            hashes.socket_ticket(secret),
            purpose=TICKET_PURPOSE,
            value={"session_id": caller.session.session_id, "user_id": caller.user.user_id},
            expires_at=now + TICKET_LIFE,
            receipt=once.receipt(NoFields(), NoFields()),
        )
        return NoFields()

    await once.answer(NoFields(), NoFields, put)
    shown = SocketTicket(ticket=secret, expires_in=int(TICKET_LIFE.total_seconds()))
    return answer(shown, "Ticket created", 201)
