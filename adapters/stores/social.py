"""Stores of social: relationships in the graph, search, suggestions, snapshots of followers."""

from dataclasses import dataclass

from adapters.mongo.social.follower_growth import FollowerGrowth
from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
from adapters.mongo.social.snapshot_mentions import FollowerTraces
from adapters.neo4j.social.blocks import BlockStore
from adapters.neo4j.social.followers import FollowerStore
from adapters.neo4j.social.follows import FollowStore
from adapters.neo4j.social.interests import InterestStore
from adapters.neo4j.social.list_search import MatchStore
from adapters.neo4j.social.lists import ListStore
from adapters.neo4j.social.pending_follows import OwedFollowStore
from adapters.neo4j.social.person_summaries import FaceStore
from adapters.neo4j.social.relationships import TieStore
from adapters.neo4j.social.search import SearchStore
from adapters.neo4j.social.suggestions import SuggestionStore
from adapters.redis.suggestions import SuggestionRuns
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class SocialStores:
    relationships: TieStore
    search: SearchStore
    follows: FollowStore
    followers: FollowerStore
    pending_follows: OwedFollowStore
    person_summaries: FaceStore
    blocks: BlockStore
    lists: ListStore
    list_search: MatchStore
    interests: InterestStore
    suggestions: SuggestionStore
    suggestion_lists: SuggestionRuns
    snapshots: FollowerSnapshotStore
    snapshot_mentions: FollowerTraces
    growth: FollowerGrowth


def open_social(opening: Opening) -> SocialStores:
    driver, database = opening.clients.neo4j, opening.clients.database
    return SocialStores(
        relationships=TieStore(driver),
        search=SearchStore(driver),
        follows=FollowStore(driver),
        followers=FollowerStore(driver),
        pending_follows=OwedFollowStore(driver),
        person_summaries=FaceStore(driver),
        blocks=BlockStore(driver),
        lists=ListStore(driver),
        list_search=MatchStore(driver),
        interests=InterestStore(driver),
        suggestions=SuggestionStore(driver),
        suggestion_lists=SuggestionRuns(opening.clients.redis),
        snapshots=FollowerSnapshotStore(database),
        snapshot_mentions=FollowerTraces(database),
        growth=FollowerGrowth(database),
    )
