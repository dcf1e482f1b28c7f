"""The daily snapshots of followers: taken from one day to the next, and looked at."""

from dataclasses import dataclass

from adapters.mongo.client import Database
from adapters.mongo.social.follower_growth import FollowerGrowth
from adapters.mongo.social.follower_snapshots import FollowerSnapshotStore


@dataclass(frozen=True)
class Snapshots:
    days: FollowerSnapshotStore
    growth: FollowerGrowth


def snapshots_of(database: Database) -> Snapshots:
    return Snapshots(FollowerSnapshotStore(database), FollowerGrowth(database))
