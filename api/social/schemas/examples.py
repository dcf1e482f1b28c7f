"""Examples of the social area in the contract."""

from api.auth.schemas.examples import WALLET
from api.schemas.examples import META, NOW, OTHER_ID, Examples
from api.social.schemas.follower_snapshots import DailyFollowers, GrowthView
from api.social.schemas.follows import Blocking, Changed, Following, TargetRequest
from api.social.schemas.interests import Interests, InterestsRequest, LikeMindedPage
from api.social.schemas.lists import UserList
from api.social.schemas.profiles import OtherProfile, OwnProfile
from api.social.schemas.relationships import Standings, StatusRequest
from api.social.schemas.search import GraphUserView, PeoplePage
from api.social.schemas.suggestions import Dismissed, DismissRequest, SuggestionPage
from api.users.schemas.examples import PROFILE

FACE = {"user_id": OTHER_ID, "username": "bob", "role": "user", "display_name": "Bob", "avatar_ipfs_hash": None}
COUNTS = {"following_number": 3, "followers_number": 5}
FLAGS = {"is_following": True, "is_follower": False, "is_blocked": False}
GRAPH_USER = {**FACE, **COUNTS, **FLAGS, "mutual_followers_number": 1}
REASON = {"suggestion_reason": "Carol follows Bob", "mutual_connections_count": 1, "score": 2.5}
SEARCH_META = {**META, "total_capped": False}
WALLETS = {"wallets": [WALLET], "primary_wallet": WALLET}
POINT = {"snapshot_at": NOW, "followers_number": 5, "gained": 2, "lost": 1}
GROWTH = {
    "from": "2026-02-01",
    "to": "2026-03-01",
    "followers_before": 4,
    "followers_number": 5,
    "gained": 2,
    "lost": 1,
    "named_from": "2026-02-01",
    "came": [FACE],
    "left": [],
    "points": [POINT],
}
MUTUAL = {"mutual_followers_number": 1, "mutual_followers_list": [FACE]}

EXAMPLES: Examples = {
    Blocking: {"changed": True, "blocked": True},
    Changed: {"changed": True},
    DailyFollowers: [POINT],
    DismissRequest: {"user_id": OTHER_ID},
    Dismissed: {"dismissed": True},
    Following: {"changed": True, "following": True},
    GraphUserView: GRAPH_USER,
    GrowthView: GROWTH,
    Interests: {"interest": ["ai", "music"]},
    InterestsRequest: {"interest": ["ai", "music"]},
    LikeMindedPage: {
        "users": [{**GRAPH_USER, "shared_interests_count": 1, "shared_interests": ["ai"]}],
        "meta": SEARCH_META,
    },
    OtherProfile: {**PROFILE, **WALLETS, **COUNTS, **FLAGS, **MUTUAL, "is_online": True},
    OwnProfile: {
        **PROFILE,
        **WALLETS,
        **COUNTS,
        "email": "alice@example.com",
        "is_online": True,
        "pending_flows": [],
    },
    PeoplePage: {"users": [GRAPH_USER], "meta": SEARCH_META},
    Standings: {"users": [{"user_id": OTHER_ID, **FLAGS}]},
    StatusRequest: {"user_ids": [OTHER_ID]},
    SuggestionPage: {"users": [{**GRAPH_USER, **REASON}], "meta": META},
    TargetRequest: {"user_id_to": OTHER_ID},
    UserList: {"users": [GRAPH_USER], "meta": META},
}
