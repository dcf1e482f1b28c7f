"""Interests: a fixed list, and the cursor of pages of users who share them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from domain.paging import match_cursor
from domain.social.relationships import PersonSummary, RelationCounts

MAX_CANDIDATES = 2_000
"""Maximum of ranked users, from the caller's rarest interests first: those are the most significant."""
MAX_RANKED = 10_000
"""Maximum of edges to shared interests that are read to find the candidates."""
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
    """A user who shares interests with the caller. `shared` is sorted by key."""

    person: PersonSummary
    relations: RelationCounts
    shared: tuple[Interest, ...]


@dataclass(frozen=True)
class SharedInterestCursor:
    """The user after whom a page begins: number of shared interests, descending, then username."""

    shared: int
    username: str


FIRST_PAGE = SharedInterestCursor(MAX_SHARED, "")


def format_interest_cursor(cursor: SharedInterestCursor) -> str:
    """Return the text of a cursor, `<shared>-<username>`."""
    return f"{cursor.shared}-{cursor.username}"


def parse_interest_cursor(cursor: str) -> SharedInterestCursor:
    """Parse the text of `format_interest_cursor`. Raises InvalidInput for any other text."""
    match = match_cursor(_CURSOR, cursor)
    return SharedInterestCursor(int(match[1]), match[2])
