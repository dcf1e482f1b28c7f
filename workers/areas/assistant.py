"""Workflows and activities of the assistant."""

from collections.abc import Mapping, Sequence
from functools import partial

from activities.assistant.caller_rights import caller_finder
from activities.assistant.model_calls import ModelCallActivities
from activities.assistant.tool_calls import ToolCallActivities
from activities.assistant.tool_handlers.handling import Handler
from activities.assistant.tool_handlers.notifications import NotificationTools
from activities.assistant.tool_handlers.profiles import ProfileTools
from activities.assistant.tool_handlers.relationships import RelationshipTools
from activities.assistant.tool_handlers.search import SearchTools
from activities.assistant.tool_handlers.utility import UtilityTools
from activities.assistant.turn_calls import TurnCallActivities
from activities.assistant.turns import TurnActivities
from adapters.resources import Resources
from domain.assistant.tools.definitions.all_tools import REGISTRY
from domain.intents import IntentKind
from workers.hosted import Hosted
from workflows.assistant.tool_calls import ToolCall
from workflows.assistant.turns import Turns
from workflows.queues import Queue

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.ASSISTANT: [Turns, ToolCall],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of the assistant with their queue."""
    stores = resources.assistant
    turns = TurnActivities(stores.answers, resources.users.users, stores.texts)
    models = ModelCallActivities(stores.answers, stores.turn_calls, stores.texts, stores.models)
    calls = turn_call_activities(resources)
    tool_calls = tool_call_activities(resources)
    return [
        Hosted(
            Queue.ASSISTANT,
            [
                turns.begin,
                turns.is_to_stop,
                turns.finish,
                models.say,
                calls.prepare,
                calls.look,
                calls.start,
                tool_calls.run,
                tool_calls.give_up,
            ],
        )
    ]


def turn_call_activities(resources: Resources) -> TurnCallActivities:
    """Return the activities of calls that models ask for."""
    users, stores = resources.users, resources.assistant
    return TurnCallActivities(
        stores.answers,
        stores.chats,
        stores.turn_calls,
        stores.askers,
        stores.texts,
        stores.chat_sockets,
        REGISTRY,
        caller_finder(users.users, users.access_head, stores.askers),
        stores.argument_schemas.find_faults,
    )


def tool_call_activities(resources: Resources) -> ToolCallActivities:
    """Return the activities of calls, with the handlers of all tools."""
    users, stores = resources.users, resources.assistant
    return ToolCallActivities(
        stores.tool_calls,
        REGISTRY,
        _handlers(resources),
        caller_finder(users.users, users.access_head, stores.askers),
        stores.argument_schemas.find_faults,
        stores.texts.publish_changed,
    )


def _handlers(resources: Resources) -> Mapping[str, Handler]:
    return {
        **_profiles(resources).handlers(),
        **_relationships(resources).handlers(),
        **_search(resources).handlers(),
        **NotificationTools(resources.notifications.notifications, resources.notifications.publisher).handlers(),
        **UtilityTools().handlers(),
    }


def _profiles(resources: Resources) -> ProfileTools:
    users, social = resources.users, resources.social
    return ProfileTools(
        users.users,
        users.profiles,
        social.relationships,
        social.interests,
        users.nodes,
        users.open_flows,
        resources.assistant.flow_views,
        resources.auth.session_invalidations,
        partial(resources.intent_waker.wake, IntentKind.GRAPH_SYNC),
    )


def _relationships(resources: Resources) -> RelationshipTools:
    social = resources.social
    return RelationshipTools(
        resources.users.users,
        social.person_summaries,
        social.lists,
        social.list_search,
        social.follows,
        social.blocks,
        resources.notifications.notifications,
        partial(resources.intent_waker.wake, IntentKind.FOLLOW_NOTIFICATIONS),
    )


def _search(resources: Resources) -> SearchTools:
    users, social = resources.users, resources.social
    return SearchTools(users.users, users.nodes, social.search, social.suggestions)
