"""Workflows and activities of the assistant."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from activities.assistant.caller_rights import FindCaller, FindRights, caller_finder, rights_finder
from activities.assistant.model_accounts import ModelAccounts
from activities.assistant.model_calls import ModelCallActivities
from activities.assistant.prompts import Prompts
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

SYSTEM = Path(__file__).resolve().parents[2] / "templates" / "assistant" / "system.txt"
"""What models are told about themselves."""

WORKFLOWS: Mapping[Queue, Sequence[type]] = {
    Queue.ASSISTANT: [Turns, ToolCall],
}


def hosted(resources: Resources) -> Sequence[Hosted]:
    """Return the activities of the assistant with their queue."""
    turns = turn_activities(resources)
    models = model_call_activities(resources)
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


def turn_activities(resources: Resources) -> TurnActivities:
    """Return the activities that begin and finish turns."""
    stores = resources.assistant
    return TurnActivities(
        stores.answers,
        resources.users.users,
        stores.texts,
        stores.models.catalogue,
        stores.model_health,
        stores.model_usage,
    )


def model_call_activities(resources: Resources) -> ModelCallActivities:
    """Return the activities that ask models."""
    stores = resources.assistant
    return ModelCallActivities(
        stores.answers,
        stores.turn_calls,
        stores.texts,
        stores.models,
        Prompts(
            stores.answers,
            stores.turn_calls,
            _rights_finder(resources),
            REGISTRY,
            SYSTEM.read_text(encoding="utf-8"),
            resources.hashes.model_user,
        ),
        ModelAccounts(stores.model_usage, stores.model_health, stores.chats),
        stores.token_budget,
    )


def turn_call_activities(resources: Resources) -> TurnCallActivities:
    """Return the activities of calls that models ask for."""
    stores = resources.assistant
    return TurnCallActivities(
        stores.answers,
        stores.turn_calls,
        stores.askers,
        stores.texts,
        stores.chat_sockets,
        REGISTRY,
        _rights_finder(resources),
        stores.argument_schemas.find_faults,
    )


def tool_call_activities(resources: Resources) -> ToolCallActivities:
    """Return the activities of calls, with the handlers of all tools."""
    stores = resources.assistant
    return ToolCallActivities(
        stores.tool_calls,
        REGISTRY,
        _handlers(resources),
        _caller_finder(resources),
        stores.argument_schemas.find_faults,
        stores.texts.publish_changed,
    )


def _caller_finder(resources: Resources) -> FindCaller:
    return caller_finder(resources.users.users, resources.users.access_head, resources.assistant.askers)


def _rights_finder(resources: Resources) -> FindRights:
    return rights_finder(resources.assistant.chats, _caller_finder(resources))


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
