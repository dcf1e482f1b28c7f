"""The routes of operations. They are tried in this order: what is called most stands first."""

from api.operations.routes import flows, graph_reports, health, system

ROUTERS = (
    flows.router,
    graph_reports.router,
    health.router,
    system.router,
)
