"""Stores of social: relationships in the graph, search, suggestions, snapshots of followers."""

from dataclasses import dataclass

from adapters.mongo.social.follower_growth import FollowerGrowthStore
from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore
from adapters.mongo.social.snapshot_mentions import SnapshotMentions
from adapters.neo4j.social.blocks import BlockStore
from adapters.neo4j.social.followers import FollowerStore
from adapters.neo4j.social.follows import FollowStore
from adapters.neo4j.social.interests import InterestStore
from adapters.neo4j.social.list_search import ListSearchStore
from adapters.neo4j.social.lists import ListStore
from adapters.neo4j.social.pending_follows import PendingFollowStore
from adapters.neo4j.social.person_summaries import PersonSummaryStore
from adapters.neo4j.social.relationships import RelationshipStore
from adapters.neo4j.social.search import SearchStore
from adapters.neo4j.social.suggestions import SuggestionStore
from adapters.redis.suggestion_list_cache import SuggestionListCache
from adapters.stores.opening import Opening


@dataclass(frozen=True)
class SocialStores:
    """Relationships and search are in Neo4j, snapshots in MongoDB, the cache of suggestion lists in Redis."""

    relationships: RelationshipStore
    search: SearchStore
    follows: FollowStore
    followers: FollowerStore
    pending_follows: PendingFollowStore
    person_summaries: PersonSummaryStore
    blocks: BlockStore
    lists: ListStore
    list_search: ListSearchStore
    interests: InterestStore
    suggestions: SuggestionStore
    suggestion_lists: SuggestionListCache
    snapshots: FollowerSnapshotStore
    snapshot_mentions: SnapshotMentions
    growth: FollowerGrowthStore


def open_social(opening: Opening) -> SocialStores:
    """Return the stores of social."""
    driver, database = opening.clients.neo4j, opening.clients.database
    return SocialStores(
        relationships=RelationshipStore(driver),
        search=SearchStore(driver),
        follows=FollowStore(driver),
        followers=FollowerStore(driver),
        pending_follows=PendingFollowStore(driver),
        person_summaries=PersonSummaryStore(driver),
        blocks=BlockStore(driver),
        lists=ListStore(driver),
        list_search=ListSearchStore(driver),
        interests=InterestStore(driver),
        suggestions=SuggestionStore(driver),
        suggestion_lists=SuggestionListCache(opening.clients.redis),
        snapshots=FollowerSnapshotStore(database),
        snapshot_mentions=SnapshotMentions(database),
        growth=FollowerGrowthStore(database),
    )
