"""Follower growth as numbers and as a chart, and the trigger of its daily snapshot."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.deps import CallerDep, FlowsDep, HashesDep, IdempotencyKey, NowDep, VisibilityDep
from api.flows.start import FlowStart
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.problems import Responses
from api.http.responses import accepted_response, success_response
from api.schemas.envelope import Answer, NoFields
from api.schemas.fields import UserIdInPath
from api.schemas.flows import Flow
from api.social.deps import GrowthReaderDep, ResourcesDep
from api.social.schemas.follower_snapshots import DailyFollowers, GrowthView, PointView, Since, Until
from domain.email_address import email_key
from domain.errors import IdempotencyKeyReused
from domain.flows import FlowKind
from domain.social.follower_growth import DEFAULT_RANGE, MAX_LISTED_CHANGES, Growth, net_changes, resolve_range
from domain.users.errors import UserNotFound
from domain.users.permissions import Permission
from workflows.queues import Queue
from workflows.social.follower_snapshots import SUMMARY, FollowerSnapshots, SnapshotsInput

router = APIRouter(prefix="/relationship/snapshot", tags=["snapshots"])

KIND = FlowKind.FOLLOWER_SNAPSHOTS
GROWTH_ERRORS = (*CALLER_ERRORS, UserNotFound)
PICTURE: Responses = {
    200: {
        "description": "The picture, always as `image/svg+xml`. Generators that know no pictures take it for bytes.",
        "content": {
            "image/svg+xml": {"schema": {"type": "string"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
PICTURE_HEADERS = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
"""The plotting library writes inline styles in every element, and no script."""

# One thread: many charts of one user queue up here, and do not delay the threads of other requests.
_chart_executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="painter")


@router.post(
    "/trigger",
    dependencies=[permit(Permission.SNAPSHOTS_TRIGGER), caller_std],
    status_code=202,
    response_model=Answer[Flow],
    responses=error_responses(*CALLER_ERRORS, IdempotencyKeyReused, has_body=True),
)
async def trigger(
    caller: CallerDep,
    hashes: HashesDep,
    flows: FlowsDep,
    now: NowDep,
    key: IdempotencyKey = None,
    body: NoFields | None = None,
) -> Response:
    """Take today's snapshot of all users' followers now. A user who has one of today keeps it."""
    user, route = caller.user, "POST /relationship/snapshot/trigger"
    input = SnapshotsInput(
        flow_id=hashes.new_flow_id(KIND, hashes.request_key(user.user_id, route, key) if key else None),
        body_hash=hashes.body_hash(NoFields().model_dump_json()),
    )
    start = FlowStart(
        run=FollowerSnapshots.run,
        input=input,
        queue=Queue.BULK,
        subject_hash=hashes.subject_hash(email_key(user.email_address)),
        summary=SUMMARY,
    )
    return accepted_response(
        await flows.start(start, FollowerSnapshots.wait_started, now), "The snapshot is being taken"
    )


@router.get(
    "/last-month/{user_id}",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[DailyFollowers],
    responses=error_responses(*CALLER_ERRORS, UserNotFound),
)
async def list_last_month(
    user_id: UserIdInPath, caller: CallerDep, visibility: VisibilityDep, resources: ResourcesDep, now: NowDep
) -> Response:
    """Return the number of a user's followers on each of the last thirty days, oldest first. Who is deactivated, or
    blocks the caller, is not found.
    """
    await visibility.require_visible(user_id)
    points = await resources.social.growth.list_points(user_id, now.date() - DEFAULT_RANGE, now.date())
    return success_response(
        [PointView.of(point) for point in points], "Followers snapshot data last month fetched successfully"
    )


# Before the route of the numbers, whose path would match this one with `{user_id}.svg` as the user id.
@router.get(
    "/growth/{user_id}.svg",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_class=Response,
    responses={**PICTURE, **error_responses(*GROWTH_ERRORS)},
)
async def draw_growth(
    user_id: UserIdInPath,
    caller: GrowthReaderDep,
    visibility: VisibilityDep,
    resources: ResourcesDep,
    now: NowDep,
    since: Since = None,
    until: Until = None,
) -> Response:
    """Draw the growth of the caller's followers; with `snapshots:read`, that of any user's."""
    days = resolve_range(since, until, now.date())
    await visibility.require_visible(user_id)
    growth = await resources.social.growth.find_growth(user_id, *days)
    chart = await asyncio.get_running_loop().run_in_executor(_chart_executor, _draw, growth)
    return Response(chart, media_type="image/svg+xml", headers=PICTURE_HEADERS)


@router.get(
    "/growth/{user_id}",
    dependencies=[permit(Permission.RELATIONSHIPS_READ, by_key=True), caller_std],
    response_model=Answer[GrowthView],
    responses=error_responses(*GROWTH_ERRORS),
)
async def get_growth(
    user_id: UserIdInPath,
    caller: GrowthReaderDep,
    visibility: VisibilityDep,
    resources: ResourcesDep,
    now: NowDep,
    since: Since = None,
    until: Until = None,
) -> Response:
    """Return how the caller's followers grew between two days, and who came and who left; with `snapshots:read`, any
    user's. Users whom the caller may not see are not named.
    """
    days = resolve_range(since, until, now.date())
    await visibility.require_visible(user_id)
    growth = await resources.social.growth.find_growth(user_id, *days)
    differences = await resources.social.growth.list_diffs(user_id, growth.listed_since, growth.until)
    net, me = net_changes(differences), caller.user.user_id
    came, left = await asyncio.gather(
        resources.social.person_summaries.find_visible(net.came, caller_id=me, limit=MAX_LISTED_CHANGES),
        resources.social.person_summaries.find_visible(net.left, caller_id=me, limit=MAX_LISTED_CHANGES),
    )
    return success_response(GrowthView.of(growth, came=came, left=left), "Growth found")


def _draw(growth: Growth) -> bytes:
    # The library takes 70 MB and a second to load, so it is imported with the first chart only.
    from api.social.growth_chart import draw_growth

    return draw_growth(growth)
