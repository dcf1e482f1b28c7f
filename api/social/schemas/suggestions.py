"""Whom to follow, and why."""

from api.schemas.envelope import Body, View
from api.schemas.fields import ObjectId
from api.schemas.paging import Meta, PageQuery
from api.social.schemas.search import GraphUserView
from domain.paging import PageOf
from domain.social.suggestions import Stretch, Suggestion, Suggestions, next_position, reason_of


class DismissRequest(Body):
    user_id: ObjectId


class Dismissed(View):
    dismissed: bool = True


class SuggestionView(GraphUserView):
    """`suggestion_reason` is for a person to read; the higher the score the better."""

    suggestion_reason: str
    mutual_connections_count: int
    score: float

    @classmethod
    def of_suggestion(cls, suggestion: Suggestion, reason: str) -> "SuggestionView":
        row = GraphUserView.of_row(suggestion.face, suggestion.ties)
        mutual = suggestion.ties.mutual_followers_number
        return cls(
            **row.model_dump(), suggestion_reason=reason, mutual_connections_count=mutual, score=suggestion.score
        )


class SuggestionPage(View):
    users: list[SuggestionView]
    meta: Meta

    @classmethod
    def of(cls, found: Suggestions, stretch: Stretch, query: PageQuery) -> "SuggestionPage":
        following = next_position(found, stretch)
        cursor = None if following is None else str(following)
        page = PageOf(found.people, total=len(found.positions), next_cursor=cursor)
        reasons = [(suggestion, reason_of(suggestion)) for suggestion in page.rows]
        users = [SuggestionView.of_suggestion(suggestion, reason) for suggestion, reason in reasons if reason]
        return cls(users=users, meta=Meta.of(page, query))
