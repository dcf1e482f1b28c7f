"""The models of the assistant: which can answer, and what they were asked."""

from fastapi import APIRouter, Response

from api.access.permits import permit
from api.access.route_limits import caller_std
from api.assistant.deps import ResourcesDep
from api.assistant.schemas.models import ModelList
from api.assistant.schemas.usage import First, Last, UsageReport
from api.deps import CallerDep, NowDep
from api.http.errors import CALLER_ERRORS, error_responses
from api.http.responses import success_response
from api.schemas.envelope import Answer
from domain.assistant.model_usage import resolve_period
from domain.users.permissions import Permission

router = APIRouter(prefix="/assistant", tags=["models"])

read = permit(Permission.ASSISTANT_READ, by_key=True)
read_all = permit(Permission.SYSTEM_READ, by_key=True)


@router.get(
    "/models",
    name="list",
    dependencies=[read, caller_std],
    response_model=Answer[ModelList],
    responses=error_responses(*CALLER_ERRORS),
)
async def list_models(resources: ResourcesDep) -> Response:
    """List the models that can answer, and the one that answers unless a chat names another."""
    return success_response(ModelList.of(resources.assistant.models.catalogue), "Models found")


@router.get(
    "/usage",
    name="usage",
    dependencies=[read, caller_std],
    response_model=Answer[UsageReport],
    responses=error_responses(*CALLER_ERRORS),
)
async def read_usage(
    caller: CallerDep, resources: ResourcesDep, now: NowDep, first: First = None, last: Last = None
) -> Response:
    """Show what the caller has asked models, by day and model. What failed counts too, unless no model has read it."""
    period = resolve_period(first, last, now.date())
    days = await resources.assistant.model_usage.list_days(period, caller.user.user_id)
    return success_response(UsageReport.of(period, days), "Usage found")


@router.get(
    "/usage/all",
    name="usage_all",
    dependencies=[read_all, caller_std],
    response_model=Answer[UsageReport],
    responses=error_responses(*CALLER_ERRORS),
)
async def read_usage_of_all(resources: ResourcesDep, now: NowDep, first: First = None, last: Last = None) -> Response:
    """Show what all users together have asked models, by day and model."""
    period = resolve_period(first, last, now.date())
    return success_response(
        UsageReport.of(period, await resources.assistant.model_usage.list_days(period)), "Usage found"
    )
