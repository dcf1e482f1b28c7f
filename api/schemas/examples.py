"""Values that the examples of all areas share: one user, Alice, on one day."""

from typing import Any

from pydantic import BaseModel

from api.schemas.envelope import NoFields
from api.schemas.flows import Flow

Examples = dict[type[BaseModel], Any]
"""An example for each request body, and for the `data` of each answer, as JSON."""

NOW = "2026-03-01T09:30:00.000Z"
LATER = "2026-03-01T09:40:00.000Z"
NEXT_MONTH = "2026-03-31T09:30:00.000Z"
USER_ID = "65e1a0c4f1d2b3a4c5d6e7f8"
OTHER_ID = "65e1a0c4f1d2b3a4c5d6e7f9"
REQUEST_ID = "51fe521df9dc439c98012064c0c86e38"
FLOW_ID = "rJ4mB0sVq8Yt1Xc7Lw2Zk9Nd5Hf3Pg6A"
FLOW = {"flow_id": FLOW_ID}
CODE = {**FLOW, "code": "K7M2QX"}
META = {"total": 1, "page": 0, "limit": 10, "is_last_page": True, "next_cursor": None}

EXAMPLES: Examples = {
    NoFields: {},
    Flow: {
        "flow_id": FLOW_ID,
        "kind": "registration",
        "state": "waiting",
        "next": "email_code",
        "expires_at": LATER,
        "attempts_left": 5,
        "resend_available_at": "2026-03-01T09:31:00.000Z",
    },
}


def success_example(data: Any, status: int) -> dict[str, Any]:
    """Return the example of an answer with this `data`."""
    return {"success": True, "statusCode": status, "message": "Done", "data": data, "requestId": REQUEST_ID}
