"""Routers of the operations area, and what their tags mean.

Routes are matched in this order: those with the most requests come first.
"""

from api.operations.routes import flows, graph_reports, health, system

ROUTERS = (
    flows.router,
    graph_reports.router,
    health.router,
    system.router,
)

TAGS = {
    "flows": "State and cancellation of flows, by the id that started them.",
    "system": "Health, public keys and the tools of operators.",
}
