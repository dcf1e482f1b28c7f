"""Responses in the success envelope."""

from collections.abc import Sequence

from fastapi import Response
from pydantic import BaseModel
from pydantic_core import to_json

from adapters.causes import request_id
from api.http.problems import Responses
from api.schemas.envelope import Answer
from api.schemas.flows import Flow
from domain.flows import FlowView

ACCEPTED_MESSAGE = "Accepted. The flow goes on; look at it by its id."
ACCEPTED_RESPONSES: Responses = {202: {"model": Answer[Flow], "description": "The step goes on; it has no result yet."}}
"""Part of the `responses=` of a route that sends an update to a flow."""


_ENVELOPE = b'{"success":true,"statusCode":%d,"message":%b,"data":%b,"requestId":%b}'


def success_response(
    data: BaseModel | Sequence[BaseModel] | dict[str, object] | None, message: str, status: int = 200
) -> Response:
    """Return a response with `data` in the success envelope: the bytes of an `Answer`, without making one."""
    parts = [to_json(part, inf_nan_mode="null") for part in (message, data, request_id.get() or "")]
    return Response(_ENVELOPE % (status, *parts), status, media_type="application/json")


def accepted_response(view: FlowView, message: str = ACCEPTED_MESSAGE) -> Response:
    """Return 202 with the flow, in the same shape on every route."""
    return success_response(Flow.of(view), message, 202)
