"""What tools return of users, notifications and flows: no ids of accounts and flows, no addresses, devices, tokens."""

from collections.abc import Sequence
from typing import Any

from domain.flows import FLOWS, FlowView
from domain.moments import format_timestamp
from domain.notifications.notifications import Notification
from domain.paging import Page
from domain.social.interests import Interest
from domain.social.relationships import EdgeCounts, PersonRow, PersonSummary, ProfileRelations, RelationCounts
from domain.social.suggestions import Suggestion, explain_suggestion
from domain.users.users import User

ToolView = dict[str, Any]


def own_profile_view(user: User, counts: EdgeCounts, interests: Sequence[Interest]) -> ToolView:
    """Return the profile of the caller."""
    return {
        **_profile(user),
        "following_number": counts.following,
        "followers_number": counts.followers,
        "interests": list(interests),
    }


def other_profile_view(user: User, relations: ProfileRelations) -> ToolView:
    """Return the profile of another user, as the caller sees them."""
    mutual = [person.username for person in relations.mutual_followers]
    return {**_profile(user), **_relations(relations.counts), "mutual_followers": mutual}


def people_view(page: Page[PersonRow]) -> ToolView:
    """Return a page of users."""
    users = [{**_person(person), **_relations(relations)} for person, relations in page.rows]
    return {"users": users, "total": page.total, "total_capped": page.is_capped, "next_cursor": page.next_cursor}


def suggestions_view(suggestions: Sequence[Suggestion]) -> ToolView:
    """Return suggested users, each with the reason; without those that have none any more."""
    reasons = [(each, explain_suggestion(each)) for each in suggestions]
    users = [
        {**_person(each.person), **_relations(each.relations), "reason": reason} for each, reason in reasons if reason
    ]
    return {"users": users}


def notifications_view(page: Page[Notification]) -> ToolView:
    """Return a page of the caller's notifications. Their data names devices, networks and ids, and is left out."""
    return {
        "notifications": [_notification(each) for each in page.rows],
        "total": page.total,
        "next_cursor": page.next_cursor,
    }


def flows_view(flows: Sequence[FlowView]) -> ToolView:
    """Return the caller's open flows. Their ids are secrets."""
    return {"flows": [_flow(flow) for flow in flows if flow.state.is_open]}


def _profile(user: User) -> ToolView:
    return {
        "username": user.username,
        "display_name": user.display_name,
        "bio": user.bio,
        "member_since": format_timestamp(user.created_at),
    }


def _person(person: PersonSummary) -> ToolView:
    return {"username": person.username, "display_name": person.display_name}


def _relations(relations: RelationCounts) -> ToolView:
    return {
        "following_number": relations.following_number,
        "followers_number": relations.followers_number,
        "is_following": relations.is_following,
        "is_follower": relations.is_follower,
        "is_blocked": relations.is_blocked,
        "mutual_followers_number": relations.mutual_followers_number,
    }


def _notification(notification: Notification) -> ToolView:
    return {
        "number": notification.seq,
        "type": notification.type,
        "title": notification.title,
        "message": notification.message,
        "is_read": notification.is_read,
        "created_at": format_timestamp(notification.created_at),
    }


def _flow(flow: FlowView) -> ToolView:
    return {
        "kind": FLOWS[flow.kind].shown_as or flow.kind,
        "state": flow.state,
        "deadline": format_timestamp(flow.expires_at) if flow.expires_at else None,
    }
