"""The routes of social. They are tried in this order: what is called most stands first."""

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
