"""Responses in the success envelope."""

from collections.abc import Sequence

from fastapi import Response
from pydantic import BaseModel

from adapters.temporal.request_id import request_id
from api.http.problems import Responses
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.flows import FlowView

ACCEPTED_MESSAGE = "Accepted. The flow goes on; look at it by its id."
ACCEPTED_RESPONSES: Responses = {202: {"model": Answer[Flow], "description": "The code was taken; the flow goes on."}}
"""Part of the `responses=` of a route that sends an update to a flow."""


def success_response(
    data: BaseModel | Sequence[BaseModel] | dict[str, object] | None, message: str, status: int = 200
) -> Response:
    """Return a response with `data` in the success envelope."""
    body = Answer[object](status_code=status, message=message, data=data, request_id=request_id.get() or "")
    return Response(body.model_dump_json(), status, media_type="application/json")


def accepted_response(view: FlowView, message: str = ACCEPTED_MESSAGE) -> Response:
    """Return 202 with the flow, in the same shape on every route."""
    return success_response(Flow.of(view), message, 202)
