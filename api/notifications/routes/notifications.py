"""The caller's notifications in the app: list, read state, and a ticket for a browser's WebSocket."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, HashesDep, NowDep, SessionCallerDep, TokenIdempotentDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.notifications.deps import GatewayDep, ResourcesDep
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
from domain.auth.tickets import TICKET_PURPOSE, TICKET_TTL
from domain.errors import IdempotencyKeyReused
from domain.notifications.errors import NotificationNotFound
from domain.paging import parse_number_cursor
from domain.users.permissions import Permission

router = APIRouter(prefix="/notifications", tags=["notifications"])

NotificationId = Annotated[ObjectId, Path()]


@router.get(
    "",
    name="list",
    dependencies=[permit(Permission.NOTIFICATIONS_READ, by_key=True), caller_std],
    response_model=Answer[NotificationPage],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_page(caller: CallerDep, resources: ResourcesDep, paging: NotificationPaging) -> Response:
    """List notifications, newest first; with `unread=true` only those that are not read."""
    before = parse_number_cursor(paging.cursor) if paging.cursor else None
    page = await resources.notifications.notifications.list_page(
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
    rows = [NotificationView.of(notification) for notification in page.rows]
    return success_response(NotificationPage(notifications=rows, meta=meta), "Notifications found")


@router.get(
    "/unread/count",
    dependencies=[permit(Permission.NOTIFICATIONS_READ, by_key=True), caller_std],
    response_model=Answer[UnreadCount],
    responses=error_responses(*CALLER_ERRORS),
)
async def count_unread(caller: CallerDep, resources: ResourcesDep) -> Response:
    """Return how many notifications are not read."""
    count = await resources.notifications.notifications.count_unread(caller.user.user_id)
    return success_response(UnreadCount(count=count), "Unread notifications counted")


@router.patch(
    "/read-all",
    dependencies=[permit(Permission.NOTIFICATIONS_WRITE, by_key=True), caller_std],
    response_model=Answer[ChangedCount],
    responses=error_responses(*CALLER_ERRORS, has_body=True),
)
async def mark_all_read(
    caller: CallerDep, resources: ResourcesDep, gateway: GatewayDep, now: NowDep, body: NoFields | None = None
) -> Response:
    """Mark all notifications as read. The person's open sockets are told."""
    changed = await resources.notifications.notifications.mark_all_read(caller.user.user_id, now)
    if changed:
        await gateway.broadcast_read(caller.user.user_id, now)
    return success_response(ChangedCount(changed=changed), "Notifications read")


@router.post(
    "/{notification_id}/read",
    name="mark_read_by_post",
    dependencies=[permit(Permission.NOTIFICATIONS_WRITE, by_key=True), caller_std],
    response_model=Answer[NotificationView],
    responses=error_responses(*CALLER_ERRORS, NotificationNotFound, has_body=True),
)
@router.patch(
    "/{notification_id}/read",
    dependencies=[permit(Permission.NOTIFICATIONS_WRITE, by_key=True), caller_std],
    response_model=Answer[NotificationView],
    responses=error_responses(*CALLER_ERRORS, NotificationNotFound, has_body=True),
)
async def mark_read(
    notification_id: NotificationId,
    caller: CallerDep,
    resources: ResourcesDep,
    gateway: GatewayDep,
    now: NowDep,
    body: NoFields | None = None,
) -> Response:
    """Mark a notification as read. It keeps the time at which it was read first; the person's open sockets are told
    then.
    """
    notification = await resources.notifications.notifications.mark_read(caller.user.user_id, notification_id, now)
    if notification is None:
        raise NotificationNotFound
    if notification.read_at == now:
        await gateway.broadcast_read(caller.user.user_id, now)
    return success_response(NotificationView.of(notification), "Notification read")


@router.post(
    "/ticket",
    dependencies=[permit(Permission.NOTIFICATIONS_READ), caller_std],
    status_code=201,
    response_model=Answer[SocketTicket],
    responses=error_responses(*CALLER_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def create_ticket(
    caller: SessionCallerDep,
    resources: ResourcesDep,
    hashes: HashesDep,
    now: NowDep,
    idempotent: TokenIdempotentDep,
    body: NoFields | None = None,
) -> Response:
    """Create a secret that opens one WebSocket within 30 seconds, for browsers, which cannot send a header with it."""
    secret = hashes.new_ticket(idempotent.request_key)

    async def put() -> NoFields:
        await resources.auth.tickets.store(
            hashes.socket_ticket_hash(secret),
            purpose=TICKET_PURPOSE,
            value={"session_id": caller.session.session_id, "user_id": caller.user.user_id},
            expires_at=now + TICKET_TTL,
            receipt=idempotent.new_receipt(NoFields(), NoFields()),
        )
        return NoFields()

    await idempotent.run_once(NoFields(), NoFields, put)
    view = SocketTicket(ticket=secret, expires_in=int(TICKET_TTL.total_seconds()))
    return success_response(view, "Ticket created", 201)
