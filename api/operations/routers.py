"""Routers of the operations area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.operations.routes import audit_verify, flows, graph_reports, health, system
from api.operations.schemas import examples

ROUTERS = (
    flows.router,
    graph_reports.router,
    audit_verify.router,
    health.router,
    system.router,
)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "audit": "The journal of what happened, numbered, chained and signed.",
    "flows": "State and cancellation of flows, by the id that started them.",
    "system": "Health, public keys and the tools of operators.",
}
