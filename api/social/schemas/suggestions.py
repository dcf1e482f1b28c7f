"""Whom to follow, and why."""

from api.schemas.envelope import Body, View
from api.schemas.fields import ObjectId
from api.schemas.paging import Meta, PageQuery
from api.social.schemas.search import GraphUserView
from domain.paging import Page
from domain.social.suggestions import Slice, Suggestion, SuggestionSlice, explain_suggestion, next_position


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
        row = GraphUserView.of_row(suggestion.person, suggestion.relations)
        mutual = suggestion.relations.mutual_followers_number
        return cls(
            **row.model_dump(), suggestion_reason=reason, mutual_connections_count=mutual, score=suggestion.score
        )


class SuggestionPage(View):
    users: list[SuggestionView]
    meta: Meta

    @classmethod
    def of(cls, found: SuggestionSlice, wanted_slice: Slice, query: PageQuery) -> "SuggestionPage":
        following = next_position(found, wanted_slice)
        cursor = None if following is None else str(following)
        page = Page(found.people, total=len(found.positions), next_cursor=cursor)
        reasons = [(suggestion, explain_suggestion(suggestion)) for suggestion in page.rows]
        users = [SuggestionView.of_suggestion(suggestion, reason) for suggestion, reason in reasons if reason]
        return cls(users=users, meta=Meta.of(page, query))
