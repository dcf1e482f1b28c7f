"""Routers of the social area. Routes are matched in this order: those with the most requests come first."""

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
