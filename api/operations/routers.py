"""Routers of the operations area. Routes are matched in this order: those with the most requests come first."""

from api.operations.routes import flows, graph_reports, health, system

ROUTERS = (
    flows.router,
    graph_reports.router,
    health.router,
    system.router,
)
