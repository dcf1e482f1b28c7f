"""Every store of the graph."""

from dataclasses import dataclass

from neo4j import AsyncDriver

from adapters.neo4j.operations.graph_backup import RelationshipStore
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
from adapters.neo4j.users.users import GraphUserStore


@dataclass(frozen=True)
class Graph:
    users: GraphUserStore
    ties: TieStore
    search: SearchStore
    follows: FollowStore
    followers: FollowerStore
    owed_follows: OwedFollowStore
    faces: FaceStore
    relationships: RelationshipStore
    blocks: BlockStore
    lists: ListStore
    matches: MatchStore
    interests: InterestStore
    suggestions: SuggestionStore


def graph_of(driver: AsyncDriver) -> Graph:
    return Graph(
        users=GraphUserStore(driver),
        ties=TieStore(driver),
        search=SearchStore(driver),
        follows=FollowStore(driver),
        followers=FollowerStore(driver),
        owed_follows=OwedFollowStore(driver),
        faces=FaceStore(driver),
        relationships=RelationshipStore(driver),
        blocks=BlockStore(driver),
        lists=ListStore(driver),
        matches=MatchStore(driver),
        interests=InterestStore(driver),
        suggestions=SuggestionStore(driver),
    )
