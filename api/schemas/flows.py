"""The flow object."""

from typing import Annotated

from pydantic import WithJsonSchema

from api.schemas.envelope import View
from api.schemas.fields import Timestamp
from domain.flows import FLOWS, PUBLIC_KINDS, FlowState, FlowView, NextStep


class Flow(View):
    """What a client may know of a flow. `next` is what the flow waits for."""

    flow_id: str
    kind: Annotated[str, WithJsonSchema({"type": "string", "enum": [*PUBLIC_KINDS]})]
    state: FlowState
    next: NextStep | None
    expires_at: Timestamp | None
    attempts_left: int | None
    resend_available_at: Timestamp | None

    @classmethod
    def of(cls, view: FlowView) -> "Flow":
        return cls(
            flow_id=view.flow_id,
            kind=FLOWS[view.kind].shown_as or view.kind,
            state=view.state,
            next=view.next,
            expires_at=view.expires_at,
            attempts_left=view.attempts_left,
            resend_available_at=view.resend_available_at,
        )
