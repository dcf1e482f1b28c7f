"""Routers of the social area, what their tags mean, and examples of what they take and give.

Routes are matched in this order: those with the most requests come first.
"""

from api.social.routes import (
    blocks,
    follower_snapshots,
    follows,
    interests,
    lists,
    profiles,
    relationships,
    search,
    suggestions,
)
from api.social.schemas import examples

ROUTERS = (
    profiles.router,
    search.router,
    follows.router,
    lists.router,
    relationships.router,
    suggestions.router,
    interests.router,
    blocks.router,
    follower_snapshots.router,
)

EXAMPLES = examples.EXAMPLES
TAGS = {
    "profiles": "Profiles: one's own, with changes to it, those of others, and roles.",
    "users": "Search for users, and for a free username.",
    "relationships": "Follows, blocks and lists of users. Flags and counts are relative to the caller.",
    "suggestions": "Users whom the caller may want to follow.",
    "interests": "What the caller likes, and users who like the same.",
    "snapshots": "The growth of a user's followers, from a snapshot a day.",
}
