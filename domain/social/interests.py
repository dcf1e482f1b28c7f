"""What people like: a fixed list, and pages of those who like the same."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.paging import match_cursor
from domain.social.relationships import PersonSummary, RelationCounts

MAX_CANDIDATES = 2_000
"""So many people are ranked at most, from the rarest interests of the caller: those tell most about two people."""
MAX_RANKED = 10_000
"""So many who share an interest are looked at for them."""
MAX_SHARED = 99

_CURSOR = re.compile(r"([0-9]{1,2})-([A-Za-z0-9_]{3,30})")


class Interest(StrEnum):
    """Wire names, and keys in the graph."""

    NETWORKING = "networking"
    CREATOR_ECONOMY = "creator_economy"
    SOCIAL_TOKENS = "social_tokens"
    COMMUNITY_BUILDING = "community_building"
    ONLINE_GAMING = "online_gaming"
    DIGITAL_COLLECTIBLES = "digital_collectibles"
    METAVERSE = "metaverse"
    MEMES = "memes"
    DEFI = "defi"
    DAO = "dao"
    SECURITY = "security"
    STARTUPS = "startups"
    TECH_INNOVATION = "tech_innovation"
    ENTREPRENEURSHIP = "entrepreneurship"
    FREELANCING = "freelancing"
    OPEN_SOURCE = "open_source"
    RESEARCH_LEARNING = "research_learning"
    CODING_DEVELOPMENT = "coding_development"
    MUSIC = "music"
    ANIME_MANGA = "anime_manga"
    ESPORTS = "esports"
    FITNESS = "fitness"
    SPORT = "sport"
    MOVIES = "movies"
    TRAVEL = "travel"
    FOOD_COOKING = "food_cooking"
    FASHION_STYLE = "fashion_style"
    INVESTING = "investing"
    TRADING = "trading"
    CRYPTO_ARBITRAGE = "crypto_arbitrage"
    PERSONAL_FINANCE = "personal_finance"
    GLOBAL_ECONOMY = "global_economy"
    AI = "ai"
    SUSTAINABILITY = "sustainability"
    OTHER = "other"


@dataclass(frozen=True)
class SharedInterestUser:
    """Somebody who likes the same. `shared` is sorted."""

    person: PersonSummary
    relations: RelationCounts
    shared: tuple[Interest, ...]


@dataclass(frozen=True)
class SharedInterestCursor:
    """Where a page begins: after this person. Most shared interests first, then by username."""

    shared: int
    username: str


FIRST_PAGE = SharedInterestCursor(MAX_SHARED, "")


def format_interest_cursor(cursor: SharedInterestCursor) -> str:
    return f"{cursor.shared}-{cursor.username}"


def parse_interest_cursor(cursor: str) -> SharedInterestCursor:
    """Raises InvalidInput for what no page has given out."""
    match = match_cursor(_CURSOR, cursor)
    return SharedInterestCursor(int(match[1]), match[2])
