"""Flows as their workflows show them, without the API's client."""

import httpx
from temporalio import workflow

from adapters.resources import Resources
from adapters.temporal import flow_views
from domain.flows import FlowKind, FlowState
from tests.support.people import begin, new_person
from workflows.accounts.registration import Registration


def test_query_is_that_of_the_flows() -> None:
    definition = workflow._Definition.from_class(Registration)

    assert definition is not None
    assert flow_views.QUERY in definition.queries


async def test_flows_that_exist_are_shown_and_others_left_out(api: httpx.AsyncClient, resources: Resources) -> None:
    flow_id = str((await begin(api, new_person()))["flow_id"])
    unknown = resources.hashes.new_flow_id(FlowKind.REGISTRATION, None)

    (view,) = await resources.assistant.flow_views.find([unknown, flow_id])

    assert (view.flow_id, view.kind, view.state) == (flow_id, FlowKind.REGISTRATION, FlowState.WAITING)
