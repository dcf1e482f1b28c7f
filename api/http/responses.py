"""Wraps what a route found into the envelope."""

from collections.abc import Sequence

from fastapi import Response
from pydantic import BaseModel

from adapters.temporal.request_id import request_id
from api.http.errors import Responses
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.flows import FlowView

ACCEPTED_MESSAGE = "Accepted. The flow goes on; look at it by its id."
ACCEPTED_RESPONSES: Responses = {202: {"model": Answer[Flow], "description": "The code was taken; the flow goes on."}}
"""Part of the `responses=` of a step."""


def success_response(
    data: BaseModel | Sequence[BaseModel] | dict[str, object] | None, message: str, status: int = 200
) -> Response:
    """The success envelope as it goes out."""
    body = Answer[object](status_code=status, message=message, data=data, request_id=request_id.get() or "")
    return Response(body.model_dump_json(), status, media_type="application/json")


def accepted_response(view: FlowView, message: str = ACCEPTED_MESSAGE) -> Response:
    """202 with the flow object: the same shape on every route."""
    return success_response(Flow.of(view), message, 202)
